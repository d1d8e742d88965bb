//! An API key: made here, shown once, and kept only as a hash.

mod hash;
#[cfg(test)]
mod tests;

pub use hash::{ApiKeyHash, HashColumns};

use crate::{caller::KeyId, random};
use std::sync::Arc;

/// A whole key, `ath_{id}.{secret}`. It cannot be printed by accident.
pub struct ApiKey {
    id: KeyId,
    secret: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key reads ath_, sixteen hexadecimal digits, a dot and a secret")]
pub struct KeyParseError;

impl ApiKey {
    const PREFIX: &str = "ath_";
    const MAX_SECRET: usize = 256;

    /// A new key with 256 bits that nobody can guess.
    pub fn generate() -> Self {
        let id = KeyId(Arc::from(hex::encode(random::<8>())));
        Self::renewed(&id)
    }

    /// The same key with a secret nobody has seen.
    pub fn renewed(id: &KeyId) -> Self {
        Self { id: id.clone(), secret: hex::encode(random::<32>()) }
    }

    pub fn parse(text: &str) -> Result<Self, KeyParseError> {
        let (id, secret) = parts(text).ok_or(KeyParseError)?;
        Ok(Self { id: KeyId(Arc::from(id)), secret: secret.to_owned() })
    }

    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// The key's text, for the one time it is shown.
    pub fn reveal(&self) -> String {
        format!("{}{}.{}", Self::PREFIX, self.id.0, self.secret)
    }
}

fn parts(text: &str) -> Option<(&str, &str)> {
    let (id, secret) = text.strip_prefix(ApiKey::PREFIX)?.split_once('.')?;
    let id_is_hex = id.len() == 16 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let secret_is_text = (1..=ApiKey::MAX_SECRET).contains(&secret.len())
        && secret.bytes().all(|byte| byte.is_ascii_graphic());
    (id_is_hex && secret_is_text).then_some((id, secret))
}
