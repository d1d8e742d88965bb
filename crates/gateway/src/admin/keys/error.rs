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
    BadTimestamp { field: &'static str, text: String },
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
    #[error("a secret cannot open for more than {limit} seconds after its rotation")]
    OverlapTooLong { limit: u64 },
    #[error("there is a right {name} already")]
    RightTaken { name: String },
    #[error("{name} is a right that the gateway itself asks for")]
    RightBuiltIn { name: String },
    #[error("there is no right {id}")]
    UnknownRight { id: String },
    #[error("{client} has no policy of its own")]
    NoPolicy { client: String },
    #[error("without a pepper no admin key can be kept")]
    NoPepper,
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
            Self::BadTimestamp { field, text } => {
                Problem::new(400, "invalid_timestamp", "Invalid timestamp")
                    .with_detail("field", *field)
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
            Self::OverlapTooLong { limit } => {
                let text = format!("overlap_seconds is at most {limit}");
                Problem::new(400, "invalid_field", text).with_detail("field", "overlap_seconds")
            }
            Self::RightTaken { name } => {
                let text = format!("There is a right '{}' already", shown(name));
                Problem::new(409, "right_exists", text).with_detail("name", shown(name))
            }
            Self::RightBuiltIn { name } => {
                let text = format!("'{name}' is a right that the gateway itself asks for");
                Problem::new(409, "built_in_right", text)
                    .with_detail("name", name.as_str())
                    .with_hint("Take it from the keys that have it instead.")
            }
            Self::UnknownRight { id } => {
                Problem::new(404, "unknown_right_id", "API key right not found")
                    .with_detail("id", id.as_str())
            }
            Self::NoPolicy { client } => {
                let text = format!("Client '{client}' has no API key policy of its own");
                Problem::new(404, "no_client_policy", text).with_detail("client", client.as_str())
            }
            Self::NoPepper => {
                Problem::new(503, "pepper_not_configured", "This server has no pepper for keys")
                    .with_hint("Set ATHENA_KEY_PEPPER and start Athena again.")
            }
        }
    }
}

/// Enough of what was typed to recognise it by.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
