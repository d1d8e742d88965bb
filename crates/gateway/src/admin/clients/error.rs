//! Why a client cannot be seen, made, changed or removed.

use api_types::Problem;
use auth::PermitError;
use datasources::Invalid;
use secrets::SecretError;
use serde_json::{Value, json};
use store::{Bound, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    #[error("this gateway keeps no clients")]
    NotKept,
    #[error("the store of clients failed")]
    Store(#[from] StoreError),
    #[error("the record cannot be used: {0}")]
    Invalid(#[from] Invalid),
    #[error("client {name} is defined in the configuration")]
    ReadOnly { name: String },
    #[error("there is a client {name} already")]
    Exists { name: String },
    #[error("something holds on to client {name}")]
    Bound { name: String, bound: Vec<Bound> },
    #[error("there is no client {name}")]
    Unknown { name: String },
    #[error("client {name} was changed by somebody else")]
    Stale { name: String },
    #[error("there is nowhere to keep a secret")]
    NoVault,
    #[error("the secret cannot be kept")]
    Vault(#[source] SecretError),
    #[error("this key is for client {bound}")]
    OtherClient { bound: String },
    #[error("too many listen to events already")]
    TooManyListeners,
}

impl ClientsError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::NotKept => Problem::new(
                503,
                "SERVICE_UNAVAILABLE",
                "The service clients is not there: this gateway has no control store",
            )
            .with_detail("service", "clients"),
            Self::Store(_) => Problem::new(
                503,
                "client_store_unavailable",
                "The store of clients cannot be asked",
            )
            .with_hint("Try again shortly."),
            Self::Invalid(invalid) => refused(invalid),
            Self::ReadOnly { name } => Problem::new(
                400,
                "DATASOURCE_READ_ONLY",
                format!(
                    "Client '{name}' is defined in the configuration and cannot be changed here"
                ),
            )
            .with_detail("client", name.as_str())
            .with_hint("Change the configuration, or freeze the client."),
            Self::Exists { name } => Problem::new(
                409,
                "DATASOURCE_EXISTS",
                format!("There is a client '{name}' already"),
            )
            .with_detail("client", name.as_str()),
            Self::Bound { name, bound } => held(name, bound),
            Self::Unknown { name } => {
                Problem::new(404, "DATASOURCE_NOT_FOUND", format!("There is no client '{name}'"))
                    .with_detail("client", name.as_str())
            }
            Self::Stale { name } => Problem::new(
                412,
                "DATASOURCE_CHANGED",
                format!("Client '{name}' was changed since it was read"),
            )
            .with_detail("client", name.as_str())
            .with_hint("Read it again, and change it as it is now."),
            Self::NoVault | Self::Vault(_) => Problem::new(
                503,
                "SECRET_STORE_UNAVAILABLE",
                "There is nowhere to keep a secret, so nothing was written",
            )
            .with_hint(
                "Set ATHENA_SECRET_KEY to 32 bytes in hex or base64, and start Athena again.",
            ),
            Self::OtherClient { bound } => {
                PermitError::ClientMismatch.problem().with_detail("client", bound.as_str())
            }
            Self::TooManyListeners => {
                Problem::new(503, "too_many_listeners", "Too many listen to events already")
                    .with_hint("Close a listener, or try again later.")
            }
        }
    }
}

fn refused(invalid: &Invalid) -> Problem {
    let issues =
        invalid.issues.iter().map(|issue| json!({ "path": issue.path, "message": issue.message }));
    let issues: Vec<Value> = issues.collect();
    let text = invalid.issues.first().map_or_else(
        || "The client cannot be understood".to_owned(),
        |first| format!("{} {}", first.path, first.message),
    );
    let mut problem = Problem::new(400, "INVALID_DATASOURCE", text).with_detail("issues", issues);
    for issue in &invalid.issues {
        problem = problem.with_field(&issue.path, issue.message.as_str());
    }
    problem
}

fn held(name: &str, bound: &[Bound]) -> Problem {
    let kinds = bound
        .iter()
        .map(|bound| json!({ "kind": bound.kind, "count": bound.count, "names": bound.names }));
    let kinds: Vec<Value> = kinds.collect();
    let told = bound
        .iter()
        .map(|bound| format!("{} {} ({})", bound.count, bound.kind, bound.names.join(", ")));
    let told = told.collect::<Vec<_>>().join("; ");
    Problem::new(409, "DATASOURCE_BOUND", format!("Client '{name}' is still used by {told}"))
        .with_detail("client", name)
        .with_detail("bound", kinds)
        .with_hint("Remove what uses it first, or make the client inactive.")
}
