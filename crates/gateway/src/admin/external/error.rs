//! Why somebody else's database cannot be looked at, or nothing imported of it.

use api_types::Problem;
use backend::BackendError;
use federation::DraftError;
use std::time::Duration;
use store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum ExternalError {
    #[error("there is no client {client}")]
    UnknownClient { client: String },
    #[error("there is no table {remote} that is seen here")]
    UnknownTable { remote: String },
    #[error("{remote} is in several schemas")]
    Ambiguous { remote: String, schemas: Vec<String> },
    #[error("the schema {schema} is not seen here")]
    SchemaNotAllowed { schema: String },
    #[error(transparent)]
    Draft(#[from] DraftError),
    #[error("{name} is taken by {by}")]
    NameTaken { name: String, by: String },
    #[error("there is no resource {name}")]
    UnknownResource { name: String },
    #[error("no catalog was kept")]
    NoCatalog,
    #[error("there is no field {field}")]
    UnknownField { field: String },
    #[error("{field} cannot be what it is")]
    BadField { field: String },
    #[error("{text} is no id")]
    BadId { text: String },
    #[error("there is no event {id}")]
    UnknownEvent { id: String },
    #[error("the remote database cannot be reached")]
    Unreachable {
        #[source]
        source: BackendError,
    },
    #[error("the remote database took longer than {limit:?}")]
    TooSlow { limit: Duration },
    #[error("the remote catalog cannot be read")]
    Refused {
        #[source]
        source: BackendError,
    },
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl ExternalError {
    /// Why the catalog could not be read.
    pub(super) fn of(source: BackendError, limit: Duration) -> Self {
        match source {
            BackendError::Timeout | BackendError::OverLimit { .. } => Self::TooSlow { limit },
            BackendError::Unreachable { .. } | BackendError::PoolTimeout | BackendError::Closed => {
                Self::Unreachable { source }
            }
            other => Self::Refused { source: other },
        }
    }

    pub fn problem(&self) -> Problem {
        match self {
            Self::UnknownClient { client } => {
                let text = format!("There is no client '{client}'.");
                Problem::new(404, "DATASOURCE_NOT_FOUND", text)
                    .with_detail("client", client.as_str())
            }
            Self::UnknownTable { remote } => {
                import(format!("There is no table '{remote}' that is seen here."))
                    .with_detail("table", remote.as_str())
            }
            Self::Ambiguous { remote, schemas } => {
                import(format!("'{remote}' is in several schemas; name one."))
                    .with_detail("schemas", schemas.clone())
                    .with_hint("Write schema.table, or send remoteSchema.")
            }
            Self::SchemaNotAllowed { schema } => {
                import(format!("The schema '{schema}' is not among the client's allowedSchemas."))
                    .with_detail("schema", schema.as_str())
            }
            Self::Draft(error) => error.problem(),
            Self::NameTaken { name, by } => {
                let text = format!("The name '{name}' is taken by {by}; nothing was changed.");
                Problem::new(409, "EXTERNAL_NAME_TAKEN", text).with_detail("name", name.as_str())
            }
            Self::UnknownResource { name } => {
                let text = format!("There is no imported resource '{name}'.");
                Problem::new(404, "EXTERNAL_RESOURCE_NOT_FOUND", text)
                    .with_detail("resource", name.as_str())
            }
            Self::NoCatalog => Problem::new(
                404,
                "EXTERNAL_CATALOG_NOT_FOUND",
                "No catalog of this client was kept.",
            )
            .with_hint("Refresh the catalog first."),
            Self::UnknownField { field } => {
                let text = format!("An import has no field '{field}'");
                Problem::new(400, "unknown_field", text).with_detail("field", field.as_str())
            }
            Self::BadField { field } => {
                let text = format!("{field} cannot be what it is");
                Problem::new(400, "invalid_field", text).with_detail("field", field.as_str())
            }
            Self::BadId { text } => Problem::new(400, "invalid_id", "The id must be a UUID")
                .with_detail("value", text.as_str()),
            Self::UnknownEvent { id } => Problem::new(
                404,
                "EXTERNAL_DRIFT_NOT_FOUND",
                "This client has no drift event of that id.",
            )
            .with_detail("id", id.as_str()),
            Self::Unreachable { .. } => {
                Problem::new(502, "REMOTE_UNAVAILABLE", "The remote database cannot be reached.")
                    .with_hint("The client's status says more.")
            }
            Self::TooSlow { limit } => {
                let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
                let text = format!("Reading the catalog exceeded the {limit} ms timeout.");
                Problem::new(504, "QUERY_TIMEOUT", text).with_detail("timeout_ms", limit)
            }
            Self::Refused { .. } => Problem::new(
                400,
                "EXTERNAL_DATASOURCE_ERROR",
                "The remote database refused to show its catalog.",
            ),
            Self::Store(_) => Problem::new(
                503,
                "SERVICE_UNAVAILABLE",
                "The control store, which keeps imported resources, cannot be asked.",
            ),
        }
    }
}

fn import(text: String) -> Problem {
    Problem::new(400, "EXTERNAL_IMPORT_ERROR", text)
}
