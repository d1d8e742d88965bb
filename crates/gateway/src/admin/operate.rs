//! Why something cannot be administered as it was asked for.

use api_types::Problem;
use store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum OperateError {
    #[error("the control store failed")]
    Store(#[from] StoreError),
    #[error("{field} is required")]
    Missing { field: &'static str },
    #[error("{field} must be {expected}")]
    Invalid { field: &'static str, expected: String },
    #[error("there is no member {field}")]
    Unknown { field: String },
    #[error("{name} is a word of its own")]
    Reserved { name: String },
    #[error("there is no document for {client}")]
    NoConfig { client: String },
    #[error("nothing was counted for {client}")]
    NoStatistics { client: String },
    #[error("there is no route {key}")]
    NoRoute { key: String },
    #[error("the key {key} is taken")]
    RouteTaken { key: String },
}

impl OperateError {
    pub(crate) fn invalid(field: &'static str, expected: impl Into<String>) -> Self {
        Self::Invalid { field, expected: expected.into() }
    }

    pub fn problem(&self) -> Problem {
        match self {
            Self::Store(_) => {
                Problem::new(503, "store_unavailable", "The control store is unavailable")
                    .with_hint("Try again in a moment.")
            }
            Self::Missing { field } => {
                Problem::new(400, "missing_field", format!("{field} is required"))
                    .with_detail("field", *field)
            }
            Self::Invalid { field, expected } => {
                Problem::new(400, "invalid_field", format!("{field} must be {expected}"))
                    .with_detail("field", *field)
            }
            Self::Unknown { field } => {
                let field: String = field.chars().take(80).collect();
                Problem::new(400, "unknown_field", format!("There is no field '{field}' here"))
                    .with_detail("field", field)
            }
            Self::Reserved { name } => {
                let text = format!("'{name}' is a word of these addresses, and no client's name");
                Problem::new(400, "reserved_name", text).with_detail("name", name.as_str())
            }
            Self::NoConfig { client } => {
                let text = "This client has no configuration of its own";
                Problem::new(404, "unknown_client_config", text)
                    .with_detail("client", client.as_str())
            }
            Self::NoStatistics { client } => {
                let text = "No statistics are kept for this client";
                Problem::new(404, "no_statistics", text).with_detail("client", client.as_str())
            }
            Self::NoRoute { key } => {
                Problem::new(404, "unknown_public_route", "Public route not found")
                    .with_detail("route_key", key.as_str())
            }
            Self::RouteTaken { key } => {
                Problem::new(409, "route_key_taken", "A public route with this key exists")
                    .with_detail("route_key", key.as_str())
            }
        }
    }
}
