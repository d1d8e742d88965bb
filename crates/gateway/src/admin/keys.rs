//! API keys: make, list, deactivate.

use crate::access::Keyring;
use api_types::{ClientName, Problem};
use auth::{ApiKey, Right};
use jiff::Timestamp;
use std::time::SystemTime;
use store::{NewKey, Store, StoreError};

pub use store::{KeyPage, KeyRecord};

/// A key as it is wanted; nothing of it is trusted yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyWanted {
    pub name: String,
    pub description: Option<String>,
    /// The only client it opens; none opens all.
    pub client_name: Option<String>,
    /// RFC 3339.
    pub expires_at: Option<String>,
    pub rights: Vec<String>,
}

/// A key that was just made. Its text is here this once.
pub struct KeyMade {
    pub api_key: String,
    pub record: KeyRecord,
}

#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("there is no store to keep keys in")]
    NoStore,
    #[error("the store of keys failed")]
    Store(#[from] StoreError),
    #[error("a key needs a name")]
    NameRequired,
    #[error("{field} is longer than {limit} characters")]
    TooLong { field: &'static str, limit: usize },
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

const NAME_LIMIT: usize = 200;
const DESCRIPTION_LIMIT: usize = 2_000;
const RIGHTS_LIMIT: usize = 200;

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
            Self::TooLong { field, limit } => {
                let text = format!("{field} has at most {limit} characters");
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

/// What administrators do with keys, over HTTP or on the command line.
#[derive(Clone)]
pub struct Keys {
    store: Store,
    keyring: Option<Keyring>,
}

impl Keys {
    /// Without a keyring of our own; running servers hear of changes from the store.
    pub fn new(store: Store) -> Self {
        Self { store, keyring: None }
    }

    pub(crate) fn heard_by(self, keyring: Keyring) -> Self {
        Self { keyring: Some(keyring), ..self }
    }

    /// Make a key. Its secret is in the answer and nowhere else.
    pub async fn create(&self, wanted: KeyWanted) -> Result<KeyMade, KeysError> {
        let key = ApiKey::generate();
        let record = self.store.create_key(&checked(wanted, &key)?).await?;
        self.tell().await;
        Ok(KeyMade { api_key: key.reveal(), record })
    }

    /// Keys, newest first, without their secrets.
    pub async fn list(&self, page: KeyPage) -> Result<Vec<KeyRecord>, KeysError> {
        Ok(self.store.list_keys(page).await?)
    }

    /// Close a key for good; its id comes back.
    pub async fn deactivate(&self, id: &str) -> Result<String, KeysError> {
        let id = uuid::Uuid::parse_str(id.trim())
            .map_err(|_no_uuid| KeysError::BadId { text: id.to_owned() })?;
        if !self.store.deactivate_key(id).await? {
            return Err(KeysError::UnknownKey { id: id.to_string() });
        }
        self.tell().await;
        Ok(id.to_string())
    }

    /// Our own ring need not wait to hear of it.
    async fn tell(&self) {
        let Some(keyring) = &self.keyring else { return };
        if let Err(error) = keyring.reload().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the API keys cannot be read");
        }
    }
}

fn checked(wanted: KeyWanted, key: &ApiKey) -> Result<NewKey, KeysError> {
    let name = wanted.name.trim();
    if name.is_empty() {
        return Err(KeysError::NameRequired);
    }
    within("name", name, NAME_LIMIT)?;
    let description = wanted.description.filter(|text| !text.trim().is_empty());
    within("description", description.as_deref().unwrap_or_default(), DESCRIPTION_LIMIT)?;
    let hash = key.hash();
    Ok(NewKey {
        public_id: key.id().0.to_string(),
        name: name.to_owned(),
        description,
        client_name: wanted.client_name.map(client).transpose()?,
        salt: hash.salt().to_owned(),
        hash: hash.hex_digest(),
        expires_at: wanted.expires_at.map(|text| future(&text)).transpose()?,
        rights: rights(&wanted.rights)?,
    })
}

fn within(field: &'static str, text: &str, limit: usize) -> Result<(), KeysError> {
    // PostgreSQL cannot store a NUL, and says so too late.
    if text.chars().count() > limit || text.contains('\0') {
        return Err(KeysError::TooLong { field, limit });
    }
    Ok(())
}

fn client(name: String) -> Result<String, KeysError> {
    let parsed = ClientName::parse(&name).map_err(|_no_name| KeysError::BadClient { name })?;
    Ok(parsed.to_string())
}

fn future(text: &str) -> Result<SystemTime, KeysError> {
    let moment: Timestamp = text
        .trim()
        .parse()
        .map_err(|_no_moment| KeysError::BadTimestamp { text: text.to_owned() })?;
    let moment = SystemTime::from(moment);
    if moment <= SystemTime::now() {
        return Err(KeysError::ExpiryPassed);
    }
    Ok(moment)
}

fn rights(wanted: &[String]) -> Result<Vec<String>, KeysError> {
    if wanted.len() > RIGHTS_LIMIT {
        return Err(KeysError::TooManyRights { limit: RIGHTS_LIMIT });
    }
    let (known, unknown): (Vec<_>, Vec<_>) =
        wanted.iter().map(|text| Right::parse(text)).partition(Result::is_ok);
    if !unknown.is_empty() {
        let unknown = unknown.into_iter().filter_map(Result::err);
        return Err(KeysError::UnknownRights(unknown.map(|error| error.0).collect()));
    }
    Ok(known.into_iter().flatten().map(|right| right.as_str().to_owned()).collect())
}

/// Enough of what was typed to recognise it by.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(wanted: KeyWanted) -> (u16, String) {
        let refused = checked(wanted, &ApiKey::generate()).map(|_key| ()).unwrap_err().problem();
        (refused.status, refused.code)
    }

    fn named() -> KeyWanted {
        KeyWanted { name: "reports".to_owned(), ..KeyWanted::default() }
    }

    #[test]
    fn what_cannot_become_a_key_is_refused_by_its_field() {
        let some = |text: &str| Some(text.to_owned());
        let cases = [
            (KeyWanted { name: "  ".to_owned(), ..named() }, "missing_field"),
            (KeyWanted { name: "x".repeat(201), ..named() }, "invalid_field"),
            (KeyWanted { description: some("a\0b"), ..named() }, "invalid_field"),
            (KeyWanted { client_name: some("no client"), ..named() }, "invalid_field"),
            (KeyWanted { expires_at: some("tomorrow"), ..named() }, "invalid_timestamp"),
            (
                KeyWanted { expires_at: some("2001-01-01T00:00:00Z"), ..named() },
                "invalid_timestamp",
            ),
            (KeyWanted { rights: vec!["invoices.raed".to_owned()], ..named() }, "unknown_right"),
            (KeyWanted { rights: vec!["a.read".to_owned(); 201], ..named() }, "invalid_field"),
        ];
        for (wanted, code) in cases {
            assert_eq!(refusal(wanted.clone()), (400, code.to_owned()), "{wanted:?}");
        }
    }

    #[test]
    fn every_unknown_right_is_named_at_once() {
        let rights = ["invoices.read", "nonsense", "a.b.c.d"].map(str::to_owned).to_vec();
        let refused = checked(KeyWanted { rights, ..named() }, &ApiKey::generate());
        let problem = refused.map(|_key| ()).unwrap_err().problem();
        assert_eq!(problem.message, "Unknown API key rights: nonsense, a.b.c.d");
    }

    #[test]
    fn what_is_kept_of_a_key_does_not_hold_its_secret() {
        let key = ApiKey::generate();
        let kept = checked(named(), &key).ok().unwrap();
        let text = key.reveal();
        let (_, secret) = text.split_once('.').unwrap();
        assert!(!kept.hash.contains(secret) && !kept.salt.contains(secret));
        assert_eq!(kept.public_id, &*key.id().0);
    }
}
