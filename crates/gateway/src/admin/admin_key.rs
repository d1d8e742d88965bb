//! Another admin key without a restart: made here, kept as a digest, and heard of by every node.

use super::{
    audit::{Actor, Audit, Deed},
    keys::{KeysError, overlap},
};
use crate::{
    Gateway,
    access::{Administrator, Keyring},
};
use auth::{AdminKeyHash, KeptAdminKey};
use serde_json::json;
use store::AdminKeyDigest;

/// An admin key that was just made. Its text is here this once.
pub struct AdminKeyMade {
    pub admin_key: String,
    /// For so long the keys before it open, too; that of the settings among them.
    pub overlap_seconds: u64,
}

/// Whose password in the console the admin key is.
pub const CONSOLE_ADMIN: &str = "admin@localhost";

/// What rotating needs.
pub(crate) struct AdminKeyring<'a> {
    pub(crate) keyring: &'a Keyring,
    pub(crate) configured: Option<&'a AdminKeyHash>,
}

impl Gateway {
    /// Make an admin key that takes over from every other one when the overlap is over.
    pub async fn rotate_admin_key(
        &self,
        _proof: &Administrator,
        overlap_seconds: u64,
    ) -> Result<AdminKeyMade, KeysError> {
        let ring = self.access().admin_keyring().ok_or(KeysError::NoStore)?;
        let peppers = ring.keyring.peppers().ok_or(KeysError::NoPepper)?;
        let overlap = overlap(overlap_seconds)?;
        let (admin_key, pepper_id, digest) = KeptAdminKey::generate(peppers);
        let configured = ring.configured.and_then(AdminKeyHash::columns);
        let configured = configured.map(|(pepper_id, digest)| AdminKeyDigest { pepper_id, digest });
        let (store, new) = (ring.keyring.store(), AdminKeyDigest { pepper_id, digest });
        store.rotate_admin_key(&new, configured.as_ref(), overlap).await?;
        // Whoever signed in to the console with an old one does so again.
        store.end_sessions_by_email(CONSOLE_ADMIN).await?;
        let deed = Deed::done("admin_key.rotated", "admin");
        let deed = deed.to(json!({ "overlap_seconds": overlap_seconds }));
        Audit::new(store.clone()).tell(&Actor::AdminKey, &deed).await;
        // Without this reading we would hear of it from the store in a moment.
        ring.keyring.reload().await?;
        Ok(AdminKeyMade { admin_key, overlap_seconds })
    }
}
