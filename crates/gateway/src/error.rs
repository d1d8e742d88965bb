//! Why a request could not be answered: each stage's own error, and the gateway's few.

use crate::{ids::TraceId, pipeline::OperationError, resilience::TurnedAway};
use api_types::{ClientName, Problem};
use auth::{AuthError, PermitError};
use backend::BackendError;
use query::{
    Operation, PlanError, RenderError, RequestError, ResponseError, plan::CallError, sql::SqlError,
};
use std::{sync::Arc, time::Duration};

/// A failure at any stage of a request.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    #[error("no client was named")]
    MissingClient,
    #[error("client {name} is not registered")]
    UnknownClient { name: String },
    #[error("client {name} is unavailable: {reason}")]
    Unavailable { name: String, reason: String },
    #[error("client {name} is known and {kind}")]
    Closed { name: String, kind: crate::registry::ClosedKind },
    #[error("the database of {name} keeps failing; no request goes there for {left:?}")]
    Paused { name: String, left: Duration },
    #[error("{limit} requests wait for the database of {name} already")]
    Crowded { name: String, limit: usize },
    #[error("client {name} is read-only")]
    ReadOnly { name: String },
    #[error("the answer did not come within the time this request has")]
    TooSlow,
    #[error("the work on this answer broke off")]
    Abandoned,
    /// The failure of work that several requests waited for.
    #[error(transparent)]
    Shared(Arc<GatewayError>),
    #[error("no client and no address was named")]
    MissingClientOrAddress,
    #[error("operation {index}: {source}")]
    InOperation { index: usize, source: Box<GatewayError> },
    #[error(transparent)]
    Operation(#[from] OperationError),
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error(transparent)]
    Call(#[from] CallError),
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
    Backend { source: BackendError, operation: Option<Operation> },
    #[error(transparent)]
    Schema(#[from] crate::schema::SchemaError),
    #[error(transparent)]
    AdHoc(#[from] crate::registry::AdHocError),
    #[error(transparent)]
    External(#[from] crate::admin::external::ExternalError),
    #[error(transparent)]
    Gate(#[from] crate::federation::gates::GateError),
    #[error(transparent)]
    Once(#[from] crate::once::OnceError),
    #[error(transparent)]
    Deferred(#[from] crate::deferred::DeferredError),
    #[error(transparent)]
    Admission(#[from] crate::admission::AdmissionError),
    #[error(transparent)]
    Keys(#[from] crate::admin::keys::KeysError),
    #[error(transparent)]
    Clients(#[from] crate::admin::clients::ClientsError),
    #[error(transparent)]
    People(#[from] crate::admin::people::PeopleError),
    #[error(transparent)]
    NoDesk(#[from] crate::access::NoDesk),
    #[error(transparent)]
    Tuning(#[from] crate::tuning::TuningError),
    #[error(transparent)]
    ApiRegistry(#[from] crate::api_registry::ApiRegistryError),
    #[error(transparent)]
    Route(#[from] crate::public::RouteError),
    #[error(transparent)]
    Operate(#[from] crate::admin::OperateError),
    #[error(transparent)]
    Management(#[from] crate::admin::management::ManagementError),
}

impl GatewayError {
    /// A client nobody registered; of an endless name only the beginning is repeated.
    pub(crate) fn unknown(name: &str) -> Self {
        Self::UnknownClient { name: name.trim().chars().take(80).collect() }
    }

    pub(crate) fn turned_away(client: &ClientName, refused: TurnedAway) -> Self {
        let name = client.to_string();
        match refused {
            TurnedAway::Paused { left } => Self::Paused { name, left },
            TurnedAway::Crowded { limit } => Self::Crowded { name, limit },
            TurnedAway::ReadOnly => Self::ReadOnly { name },
        }
    }

    pub(crate) fn in_operation(self, index: usize) -> Self {
        Self::InOperation { index, source: Box::new(self) }
    }

    /// The right that was missing, wherever it was asked for.
    pub fn denial(&self) -> Option<&PermitError> {
        match self {
            Self::Permit(error) => Some(error),
            Self::Shared(error) => error.denial(),
            Self::InOperation { source, .. } => source.denial(),
            _ => None,
        }
    }

    /// Nothing was written, or all of it was rolled back.
    pub fn surely_changed_nothing(&self) -> bool {
        match self {
            Self::Backend { source, .. } => has_no_effect(source),
            Self::Shared(error) => error.surely_changed_nothing(),
            Self::TooSlow | Self::Abandoned | Self::Response(_) => false,
            _ => true,
        }
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
            Self::Closed { name, kind } => kind.problem(name),
            Self::Paused { name, left } => paused(name, *left),
            Self::Crowded { name, limit } => crowded(name, *limit),
            Self::TooSlow => BackendError::Timeout.problem(),
            Self::Abandoned => {
                Problem::new(500, "internal_error", "The work on this answer broke off")
            }
            Self::ReadOnly { name } => {
                let text = format!("Client '{name}' is read-only");
                Problem::new(403, "client_read_only", text).with_detail("client", name.as_str())
            }
            Self::Tuning(error) => error.problem(),
            Self::ApiRegistry(error) => error.problem(),
            Self::Route(error) => error.problem(),
            Self::Operate(error) => error.problem(),
            Self::Shared(error) => error.problem(),
            Self::MissingClientOrAddress => {
                Problem::new(400, "missing_client_header", "Missing required header")
                    .with_hint("Name a client in the X-Athena-Client header.")
            }
            Self::InOperation { index, source } => {
                source.problem().with_detail("operation", *index)
            }
            Self::Operation(error) => error.problem(),
            Self::Sql(error) => error.problem(),
            Self::Call(error) => error.problem(),
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
            Self::Backend { source, operation: Some(operation) } => source.problem_for(*operation),
            Self::Backend { source, operation: None } => source.problem(),
            Self::Schema(error) => error.problem(),
            Self::Keys(error) => error.problem(),
            Self::Clients(error) => error.problem(),
            Self::People(error) => error.problem(),
            Self::NoDesk(error) => error.problem(),
            Self::Management(error) => error.problem(),
            Self::AdHoc(error) => error.problem(),
            Self::External(error) => error.problem(),
            Self::Gate(error) => error.problem(),
            Self::Once(error) => error.problem(),
            Self::Deferred(error) => error.problem(),
            Self::Admission(error) => error.problem(),
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
            Self::Shared(error) => error.error_text(),
            Self::InOperation { source, .. } => source.error_text(),
            Self::MissingClientOrAddress => {
                Some("X-Athena-Client or X-JDBC-URL header is required".to_owned())
            }
            // Newer failures have no such text.
            _ => None,
        }
    }
}

/// A statement that was refused is rolled back; one whose connection broke may have been committed.
fn has_no_effect(error: &BackendError) -> bool {
    match error {
        BackendError::Database(database) => {
            !["08", "57P", "40003"].iter().any(|class| database.sqlstate.starts_with(class))
        }
        BackendError::InStatement { source, .. } => has_no_effect(source),
        BackendError::PoolTimeout
        | BackendError::OnlyRead
        | BackendError::Closed
        | BackendError::TooManyValues { .. }
        | BackendError::NotNoted(_)
        | BackendError::NotSupported { .. } => true,
        _ => false,
    }
}

/// An error with everything it came from. It may name hosts, so it is for administrators and the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text.chars().filter(|c| !c.is_control()).take(600).collect()
}

fn paused(name: &str, left: Duration) -> Problem {
    let text =
        format!("The database of client '{name}' keeps failing and is left alone for a moment");
    Problem::new(503, "backend_unavailable", text)
        .with_detail("client", name)
        .with_detail("until_secs", whole_seconds(left))
        .with_hint("Try again when the time is over.")
}

fn crowded(name: &str, limit: usize) -> Problem {
    let text = format!("Too many requests wait for the database of client '{name}'");
    Problem::new(503, "too_many_waiting", text)
        .with_detail("client", name)
        .with_detail("limit", limit)
        .with_hint("Try again shortly.")
}

/// Rounded up, so that who waits that long does not come too early.
fn whole_seconds(left: Duration) -> u64 {
    left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
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
