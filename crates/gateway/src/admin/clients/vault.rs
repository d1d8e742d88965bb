//! Secrets of clients: sealed before anything is written, opened for one connection at a time.

use super::{Book, ClientsError};
use datasources::ClientRecord;
use rand::Rng;
use secrets::{Cleartext, Kms, Place};
use serde_json::Value;
use std::time::SystemTime;
use store::{AuditEntry, AuditOutcome, EventRow, SealedRow, Store, StoreError};
use uuid::Uuid;

/// A secret as it was sent, and the place it asks for.
pub struct SecretInput {
    pub value: Cleartext,
    pub namespace: Option<String>,
    pub key: Option<String>,
}

impl SecretInput {
    pub fn new(value: Cleartext) -> Self {
        Self { value, namespace: None, key: None }
    }
}

/// The namespace of clients' secrets.
const NAMESPACE: &str = "datasource";

/// All that anybody is told when a secret does not open.
pub(super) const UNRESOLVED: &str = "credential could not be resolved";

impl Book {
    /// Seal a secret for a client. Nothing is written yet; without a vault nothing ever is.
    pub(super) async fn seal(
        &self,
        record: &ClientRecord,
        secret: &SecretInput,
    ) -> Result<SealedRow, ClientsError> {
        let vault = self.vault()?;
        let mut bytes = [0; 16];
        rand::rng().fill(&mut bytes);
        let place = Place {
            namespace: secret.namespace.clone().unwrap_or_else(|| NAMESPACE.to_owned()),
            key: secret.key.clone().unwrap_or_else(|| record.name.to_string()),
            id: format!("sec_{}", hex::encode(bytes)),
        };
        let sealed = vault.encrypt(&place, &secret.value).await.map_err(ClientsError::Vault)?;
        Ok(SealedRow { id: place.id, namespace: place.namespace, key: place.key, sealed })
    }

    /// The secret of a record that has one. What went wrong is for the log.
    pub(super) async fn resolve(
        &self,
        record: &ClientRecord,
    ) -> Result<Option<Cleartext>, Unresolved> {
        let Some(reference) = &record.credentials_ref else { return Ok(None) };
        let row = self.desk.store.secret(reference.secret_id()).await;
        let row = row.map_err(|error| unresolved(record, &error))?;
        let Some(row) = row else { return Err(unresolved(record, &Gone)) };
        match self.open(&row).await {
            Ok(clear) => Ok(Some(clear)),
            Err(error) => Err(unresolved(record, &error)),
        }
    }

    pub(super) async fn open(&self, row: &SealedRow) -> Result<Cleartext, ClientsError> {
        let vault = self.vault()?;
        let SealedRow { id, namespace, key, sealed } = row;
        let place = Place { namespace: namespace.clone(), key: key.clone(), id: id.clone() };
        vault.decrypt(&place, sealed).await.map_err(ClientsError::Vault)
    }
}

/// How many secrets were sealed anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotated {
    pub done: usize,
    pub failed: usize,
}

/// Seal every secret with the key of today. Each keeps its id and its place.
pub async fn rotate(store: &Store, vault: &dyn Kms) -> Result<Rotated, StoreError> {
    let (mut rotated, mut told, node) = (Rotated::default(), Vec::new(), Uuid::new_v4());
    for SealedRow { id, namespace, key, sealed } in store.secrets().await? {
        let place = Place { namespace, key, id };
        match vault.rotate(&place, &sealed).await {
            Ok(anew) => {
                let deed = entry("secret.rotated", &place.id);
                // Somebody else who sealed it anew in the meantime did the same.
                store.rewrap_secret(&place.id, sealed.version, &anew, deed).await?;
                told.push(turned(place.key, node));
                rotated.done += 1;
            }
            Err(error) => {
                tracing::warn!(
                    secret = place.id,
                    cause = crate::error::chain(&error),
                    "not sealed anew"
                );
                rotated.failed += 1;
            }
        }
    }
    store.add_events(&told).await?;
    Ok(rotated)
}

/// For whoever follows what happens to clients; no running node saw it.
fn turned(client: String, node: Uuid) -> EventRow {
    let (id, at) = (Uuid::new_v4(), SystemTime::now());
    EventRow { id, kind: "secret.rotated", client, node, data: Value::Null, at }
}

/// Remove a secret that no client uses. False when one does by now.
pub async fn remove_stray(store: &Store, id: &str) -> Result<bool, StoreError> {
    let gone = store.remove_stray(id).await?;
    if gone {
        store.append_audit(entry("secret.swept", id)).await?;
    }
    Ok(gone)
}

fn entry<'a>(action: &'a str, subject: &'a str) -> AuditEntry<'a> {
    AuditEntry {
        actor: "system",
        action,
        subject,
        outcome: AuditOutcome::Done,
        request_id: None,
        before: None,
        after: None,
    }
}

/// The secret is not to be had, so there is no connection either.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unresolved;

#[derive(Debug, thiserror::Error)]
#[error("there is no such secret")]
struct Gone;

fn unresolved(record: &ClientRecord, error: &dyn std::error::Error) -> Unresolved {
    tracing::warn!(client = %record.name, cause = crate::error::chain(error), UNRESOLVED);
    Unresolved
}
