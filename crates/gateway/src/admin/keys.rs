//! API keys: make, list, deactivate.

mod error;

pub use error::KeysError;

use crate::access::Keyring;
use api_types::ClientName;
use auth::{ApiKey, Right};
use jiff::Timestamp;
use std::time::SystemTime;
use store::{NewKey, Store};

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

const NAME_LIMIT: usize = 200;
const DESCRIPTION_LIMIT: usize = 2_000;
const RIGHTS_LIMIT: usize = 200;

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
        return Err(KeysError::BadText { field, limit });
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
