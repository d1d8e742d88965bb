//! API keys: make, list, change, rotate, archive, and remove for good.

pub(super) mod checked;
mod error;
mod policy;
mod rights;
mod told;
mod uses;

pub(crate) use checked::overlap;
pub use error::KeysError;
pub use rights::RightDeleted;
pub use store::{
    AuthFilter, AuthRecord, ClientPolicy, GlobalPolicy, KeyPage, KeyRecord, RightRecord,
};
pub use uses::UsesWanted;

use super::audit::{Actor, Audit, Deed};
use crate::access::{Keyring, to_store};
use auth::{ApiKey, KeyId, Peppers};
use checked::{client, future, id_of, name, text};
use std::sync::Arc;
use store::{KeyChange, NewKey, Store, StoreError};
use told::key_told;

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

/// What a key is to become. An outer nothing leaves the field as it is, an inner one empties it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyEdit {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub client_name: Option<Option<String>>,
    pub expires_at: Option<Option<String>>,
    pub is_active: Option<bool>,
    pub rights: Option<Vec<String>>,
}

/// A key that was just made, or has a new secret. Its text is here this once.
pub struct KeyMade {
    pub api_key: String,
    pub record: KeyRecord,
}

/// What administrators do with keys, over HTTP or on the command line.
#[derive(Clone)]
pub struct Keys {
    store: Store,
    audit: Audit,
    peppers: Option<Peppers>,
    keyring: Option<Keyring>,
}

impl Keys {
    /// Without a keyring of our own; running servers hear of changes from the store.
    pub fn new(store: Store) -> Self {
        Self { audit: Audit::new(store.clone()), store, peppers: None, keyring: None }
    }

    /// With the server's pepper in the hashes of new keys.
    #[must_use]
    pub fn peppered(self, peppers: Option<Peppers>) -> Self {
        Self { peppers, ..self }
    }

    pub(crate) fn heard_by(self, keyring: Keyring) -> Self {
        Self { keyring: Some(keyring), ..self }
    }

    /// Make a key. Its secret is in the answer and nowhere else.
    pub async fn create(&self, actor: &Actor, wanted: KeyWanted) -> Result<KeyMade, KeysError> {
        let key = ApiKey::generate();
        let new = self.checked(wanted, &key).await?;
        let record = self.store.create_key(&new).await?;
        let deed = Deed::done("key.created", &record.id).to(key_told(&record));
        self.done_to(&record.public_id, actor, deed).await;
        Ok(KeyMade { api_key: key.reveal(), record })
    }

    async fn checked(&self, wanted: KeyWanted, key: &ApiKey) -> Result<NewKey, KeysError> {
        Ok(NewKey {
            public_id: key.id().0.to_string(),
            name: name(&wanted.name)?,
            description: text("description", wanted.description)?,
            client_name: wanted.client_name.map(client).transpose()?,
            hash: to_store(&key.hash(self.peppers.as_ref())),
            expires_at: wanted.expires_at.map(|text| future(&text)).transpose()?,
            rights: self.known_rights(&wanted.rights).await?,
        })
    }

    /// Keys, newest first, without their secrets, and how many there are.
    pub async fn list(&self, page: KeyPage) -> Result<(Vec<KeyRecord>, u64), KeysError> {
        let both = (self.store.list_keys(page), self.store.count_keys(page.archived));
        Ok(tokio::try_join!(both.0, both.1)?)
    }

    /// Change what is named and nothing else.
    pub async fn change(
        &self,
        actor: &Actor,
        id: &str,
        edit: KeyEdit,
    ) -> Result<KeyRecord, KeysError> {
        let id = id_of(id)?;
        let rights = match &edit.rights {
            Some(rights) => Some(self.known_rights(rights).await?),
            None => None,
        };
        let change = KeyChange {
            name: edit.name.as_deref().map(name).transpose()?,
            description: edit.description.map(|it| text("description", it)).transpose()?,
            client_name: edit.client_name.map(|it| it.map(client).transpose()).transpose()?,
            expires_at: edit
                .expires_at
                .map(|it| it.as_deref().map(future).transpose())
                .transpose()?,
            is_active: edit.is_active,
            rights,
        };
        let changed = self.store.change_key(id, &change).await?;
        let changed = changed.ok_or_else(|| KeysError::UnknownKey { id: id.to_string() })?;
        let deed = Deed::done("key.changed", id).from(key_told(&changed.before));
        self.done_to(&changed.after.public_id, actor, deed.to(key_told(&changed.after))).await;
        Ok(changed.after)
    }

    /// Give a key a new secret; the one before it opens for so many seconds more.
    pub async fn rotate(
        &self,
        actor: &Actor,
        id: &str,
        overlap_seconds: u64,
    ) -> Result<KeyMade, KeysError> {
        let (id, overlap) = (id_of(id)?, overlap(overlap_seconds)?);
        let unknown = || KeysError::UnknownKey { id: id.to_string() };
        let public_id = self.store.public_id(id).await?.ok_or_else(unknown)?;
        let key = ApiKey::renewed(&KeyId(Arc::from(public_id)));
        let hash = to_store(&key.hash(self.peppers.as_ref()));
        let record = self.store.rotate_key(id, &hash, overlap).await?.ok_or_else(unknown)?;
        let deed = Deed::done("key.rotated", id).to(key_told(&record));
        self.done_to(&record.public_id, actor, deed).await;
        Ok(KeyMade { api_key: key.reveal(), record })
    }

    /// Close a key for good and keep its record; its id comes back.
    pub async fn archive(&self, actor: &Actor, id: &str) -> Result<String, KeysError> {
        let id = id_of(id)?;
        let record = self.store.archive_key(id).await?;
        let record = record.ok_or_else(|| KeysError::UnknownKey { id: id.to_string() })?;
        let deed = Deed::done("key.archived", id).to(key_told(&record));
        self.done_to(&record.public_id, actor, deed).await;
        Ok(id.to_string())
    }

    /// Remove a key with its record.
    pub async fn purge(&self, actor: &Actor, id: &str) -> Result<String, KeysError> {
        let id = id_of(id)?;
        let record = self.store.purge_key(id).await?;
        let record = record.ok_or_else(|| KeysError::UnknownKey { id: id.to_string() })?;
        let deed = Deed::done("key.purged", id).from(key_told(&record));
        self.done_to(&record.public_id, actor, deed).await;
        Ok(id.to_string())
    }

    /// Our own ring need not wait to hear of it, and neither does the trail of deeds.
    async fn done(&self, actor: &Actor, deed: Deed) {
        self.audit.tell(actor, &deed).await;
        let Some(keyring) = &self.keyring else { return };
        heard(keyring.reload().await);
    }

    /// The same of one key, for which the others need not be read.
    async fn done_to(&self, public_id: &str, actor: &Actor, deed: Deed) {
        self.audit.tell(actor, &deed).await;
        let Some(keyring) = &self.keyring else { return };
        heard(keyring.reload_one(public_id).await);
    }
}

fn heard(read: Result<(), StoreError>) {
    if let Err(error) = read {
        tracing::warn!(error = &error as &dyn std::error::Error, "the API keys cannot be read");
    }
}

#[cfg(test)]
mod tests;
