//! The static admin key, held only as a digest.

use crate::{error::AuthError, presented::PresentedKey};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What is kept in memory of `ATHENA_KEY_12`.
#[derive(Clone)]
pub struct AdminKeyHash([u8; 32]);

impl AdminKeyHash {
    /// Nothing for a blank key: that is as good as none.
    pub fn of(key: &str) -> Option<Self> {
        let key = key.trim();
        (!key.is_empty()).then(|| Self(Sha256::digest(key).into()))
    }

    /// Whether this is the admin's key. It is never read from an address.
    pub fn admits(&self, presented: &PresentedKey) -> Result<(), AuthError> {
        let text = presented.in_headers()?.ok_or(AuthError::NotAdmin)?;
        let digest: [u8; 32] = Sha256::digest(text).into();
        if bool::from(self.0.ct_eq(&digest)) { Ok(()) } else { Err(AuthError::NotAdmin) }
    }
}
