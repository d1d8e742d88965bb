//! Why a key cannot be made, listed or closed.

use api_types::Problem;
use store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("there is no store to keep keys in")]
    NoStore,
    #[error("the store of keys failed")]
    Store(#[from] StoreError),
    #[error("a key needs a name")]
    NameRequired,
    #[error("{field} is too long, or holds a NUL character")]
    BadText { field: &'static str, limit: usize },
    #[error("{name} is no name for a client")]
    BadClient { name: String },
    #[error("{text} is no moment of RFC 3339")]
    BadTimestamp { text: String },
    #[error("the key would be over before it is made")]
    ExpiryPassed,
    #[error("there are no rights {0:?}")]
    UnknownRights(Vec<String>),
    #[error("more than {limit} rights")]
    TooManyRights { limit: usize },
    #[error("a key has no {field}")]
    UnknownField { field: String },
    #[error("{text} is no id of a key")]
    BadId { text: String },
    #[error("there is no key {id}")]
    UnknownKey { id: String },
}

impl KeysError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::NoStore => {
                Problem::new(503, "auth_store_unavailable", "API key store is not configured")
            }
            Self::Store(_) => {
                Problem::new(503, "auth_store_unavailable", "API key store is unavailable")
            }
            Self::NameRequired => {
                Problem::new(400, "missing_field", "name is required").with_detail("field", "name")
            }
            Self::BadText { field, limit } => {
                let text = format!("{field} has at most {limit} characters, and no NUL");
                Problem::new(400, "invalid_field", text).with_detail("field", *field)
            }
            Self::BadClient { name } => {
                let text = format!("'{}' is no name for a client", shown(name));
                Problem::new(400, "invalid_field", text).with_detail("field", "client_name")
            }
            Self::BadTimestamp { text } => {
                Problem::new(400, "invalid_timestamp", "Invalid timestamp")
                    .with_detail("field", "expires_at")
                    .with_detail("value", shown(text))
                    .with_hint("Write it as 2031-01-01T00:00:00Z.")
            }
            Self::ExpiryPassed => {
                Problem::new(400, "invalid_timestamp", "expires_at must lie in the future")
                    .with_detail("field", "expires_at")
            }
            Self::UnknownRights(rights) => {
                let text = format!("Unknown API key rights: {}", rights.join(", "));
                Problem::new(400, "unknown_right", text)
                    .with_detail("unknown_rights", rights.clone())
                    .with_hint(
                        "A right is gateway.read, invoices.write, billing.invoices.* or alike.",
                    )
            }
            Self::TooManyRights { limit } => {
                let text = format!("A key has at most {limit} rights");
                Problem::new(400, "invalid_field", text).with_detail("field", "rights")
            }
            Self::UnknownField { field } => {
                let text = format!("A key has no field '{}'", shown(field));
                Problem::new(400, "unknown_field", text).with_detail("field", shown(field))
            }
            Self::BadId { text } => Problem::new(400, "invalid_id", "The id must be a UUID")
                .with_detail("value", shown(text)),
            Self::UnknownKey { id } => {
                Problem::new(404, "unknown_key", "API key not found").with_detail("id", id.as_str())
            }
        }
    }
}

/// Enough of what was typed to recognise it by.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
