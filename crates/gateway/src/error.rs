//! Why a request could not be answered: each stage's own error, and the gateway's few.

use crate::ids::TraceId;
use api_types::Problem;
use auth::{AuthError, PermitError};
use backend::BackendError;
use query::{Operation, PlanError, RenderError, RequestError, ResponseError};

/// A failure at any stage of a request.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    #[error("no client was named")]
    MissingClient,
    #[error("client {name} is not registered")]
    UnknownClient { name: String },
    #[error("client {name} is unavailable: {reason}")]
    Unavailable { name: String, reason: String },
    #[error("the static admin key is not set")]
    AdminNotConfigured,
    #[error(transparent)]
    Auth(#[from] AuthError),
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("{source}")]
    Plan {
        source: PlanError,
        /// Names of columns are told only to those who may read them.
        may_read: bool,
    },
    #[error(transparent)]
    Permit(#[from] PermitError),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Response(#[from] ResponseError),
    #[error("{source}")]
    Backend { source: BackendError, operation: Operation },
    #[error(transparent)]
    Schema(#[from] crate::schema::SchemaError),
    #[error(transparent)]
    Keys(#[from] crate::admin::keys::KeysError),
}

impl GatewayError {
    /// A client nobody registered; of an endless name only the beginning is repeated.
    pub(crate) fn unknown(name: &str) -> Self {
        Self::UnknownClient { name: name.trim().chars().take(80).collect() }
    }

    pub fn problem(&self) -> Problem {
        match self {
            Self::MissingClient => {
                Problem::new(400, "missing_client_header", "X-Athena-Client header is required")
                    .with_hint("Name a client in the X-Athena-Client header.")
            }
            Self::UnknownClient { name } => {
                let text = format!("Client '{name}' is not available in the registry");
                Problem::new(400, "unknown_client", text).with_detail("client", name.as_str())
            }
            Self::Unavailable { name, reason } => {
                let text = format!("Client '{name}' is configured but currently unavailable");
                Problem::new(503, "client_unavailable", text)
                    .with_detail("client", name.as_str())
                    .with_detail("reason", reason.as_str())
                    .with_hint("Athena keeps trying to reach it; try again shortly.")
            }
            Self::AdminNotConfigured => {
                Problem::new(500, "admin_key_not_configured", "ATHENA_KEY_12 is not configured")
                    .with_hint("Set ATHENA_KEY_12 and start Athena again.")
            }
            Self::Auth(error) => error.problem(),
            Self::Request(error) => error.problem(),
            Self::Plan { source, may_read } => {
                let mut problem = source.problem();
                if !may_read {
                    problem.details.shift_remove("available");
                    problem.hint = None;
                }
                problem
            }
            Self::Permit(error) => error.problem(),
            Self::Render(error) => error.problem(),
            Self::Response(error) => error.problem(),
            Self::Backend { source, operation } => source.problem_for(*operation),
            Self::Schema(error) => error.problem(),
            Self::Keys(error) => error.problem(),
        }
    }

    /// The envelope's `error` where older clients look for a text other than the message.
    pub fn error_text(&self) -> Option<String> {
        match self {
            Self::UnknownClient { name } => {
                Some(format!("Postgres client '{name}' is not configured"))
            }
            Self::Unavailable { name, .. } => Some(format!(
                "Postgres client '{name}' is configured but has no active connection pool"
            )),
            Self::MissingClient
            | Self::AdminNotConfigured
            | Self::Auth(_)
            | Self::Request(_)
            | Self::Plan { .. }
            | Self::Permit(_)
            | Self::Render(_)
            | Self::Response(_)
            | Self::Backend { .. }
            | Self::Schema(_)
            | Self::Keys(_) => None,
        }
    }
}

/// A failed request of the console: the error, and the id its log line goes by.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Failure {
    #[source]
    pub error: GatewayError,
    pub trace_id: TraceId,
}

impl Failure {
    pub fn problem(&self) -> Problem {
        self.error.problem().with_trace(self.trace_id.as_str())
    }
}
