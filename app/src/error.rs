//! What a server function fails with: a [`Problem`], whichever side noticed it.

use api_types::Problem;
use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;

/// A problem on its way to the person who will read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConsoleError(pub Problem);

impl ConsoleError {
    pub fn problem(self) -> Problem {
        self.0
    }

    /// Nobody is signed in, or not any more.
    pub fn is_signed_out(&self) -> bool {
        self.0.status == 401
    }
}

impl From<Problem> for ConsoleError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl std::fmt::Display for ConsoleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ConsoleError {}

impl FromServerFnError for ConsoleError {
    type Encoder = JsonEncoding;

    /// A refusal is not a fault of the server: scripts get the problem's own status.
    #[cfg(feature = "ssr")]
    fn ser(&self) -> server_fn::Bytes {
        use server_fn::Encodes;
        crate::port::answer_scripts_with(self.0.status);
        let fault = || Self(Problem::new(500, "console_fault", "The answer could not be written."));
        JsonEncoding::encode(self).or_else(|_| JsonEncoding::encode(&fault())).unwrap_or_default()
    }

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self(match error {
            ServerFnErrorErr::Request(_) => Problem::new(
                503,
                "gateway_unreachable",
                "The gateway did not answer. Nothing was changed.",
            )
            .with_hint("Check that it is running, then try again."),
            ServerFnErrorErr::Deserialization(_) => Problem::new(
                502,
                "unreadable_answer",
                "The gateway's answer could not be read by this page.",
            )
            .with_hint("Reload the page; the gateway may have been updated."),
            ServerFnErrorErr::Args(reason) => Problem::new(
                400,
                "unreadable_form",
                "The form could not be read. Nothing was changed.",
            )
            .with_detail("reason", reason),
            ServerFnErrorErr::MissingArg(field) => Problem::new(
                400,
                "missing_field",
                format!("The form came without “{field}”. Nothing was changed."),
            ),
            ServerFnErrorErr::Registration(reason)
            | ServerFnErrorErr::UnsupportedRequestMethod(reason)
            | ServerFnErrorErr::ServerError(reason)
            | ServerFnErrorErr::MiddlewareError(reason)
            | ServerFnErrorErr::Serialization(reason)
            | ServerFnErrorErr::Response(reason) => {
                Problem::new(500, "console_fault", "The console could not handle this request.")
                    .with_detail("reason", reason)
            }
        })
    }
}
