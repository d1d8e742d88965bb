//! An API key: made here, shown once, and kept only as a salted hash.

use crate::{caller::KeyId, random};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq;

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
        Self { id, secret: hex::encode(random::<32>()) }
    }

    pub fn parse(text: &str) -> Result<Self, KeyParseError> {
        let rest = text.strip_prefix(Self::PREFIX).ok_or(KeyParseError)?;
        let (id, secret) = rest.split_once('.').ok_or(KeyParseError)?;
        let id_is_hex =
            id.len() == 16 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let secret_is_text = (1..=Self::MAX_SECRET).contains(&secret.len())
            && secret.bytes().all(|byte| byte.is_ascii_graphic());
        if !id_is_hex || !secret_is_text {
            return Err(KeyParseError);
        }
        Ok(Self { id: KeyId(Arc::from(id)), secret: secret.to_owned() })
    }

    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// What is stored of this key, under a new salt.
    pub fn hash(&self) -> ApiKeyHash {
        let salt = hex::encode(random::<32>());
        let digest = digest(&salt, &self.secret);
        ApiKeyHash { salt, digest }
    }

    /// The key's text, for the one time it is shown.
    pub fn reveal(&self) -> String {
        format!("{}{}.{}", Self::PREFIX, self.id.0, self.secret)
    }
}

/// What is stored of a key: its salt, and SHA-256 over the salt, a colon and the secret.
#[derive(Clone)]
pub struct ApiKeyHash {
    salt: String,
    digest: [u8; 32],
}

impl ApiKeyHash {
    /// From its columns; nothing when they hold no hash.
    pub fn from_stored(salt: &str, hex_digest: &str) -> Option<Self> {
        let mut digest = [0; 32];
        hex::decode_to_slice(hex_digest, &mut digest).ok()?;
        Some(Self { salt: salt.to_owned(), digest })
    }

    pub fn salt(&self) -> &str {
        &self.salt
    }

    pub fn hex_digest(&self) -> String {
        hex::encode(self.digest)
    }

    /// Whether this is the hash of that key, found out in constant time.
    pub fn verifies(&self, key: &ApiKey) -> bool {
        self.digest.ct_eq(&digest(&self.salt, &key.secret)).into()
    }
}

fn digest(salt: &str, secret: &str) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(":");
    hasher.update(secret);
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_reads_back_and_verifies() {
        let key = ApiKey::generate();
        let text = key.reveal();
        assert_eq!(text.len(), 4 + 16 + 1 + 64);
        let again = ApiKey::parse(&text).ok().unwrap();
        assert_eq!(again.id(), key.id());
        assert!(key.hash().verifies(&again));
        assert!(!key.hash().verifies(&ApiKey::generate()));
        assert_ne!(ApiKey::generate().reveal(), text);
    }

    #[test]
    fn a_key_that_was_made_elsewhere_still_opens() {
        // printf 'salt:secret' | sha256sum
        let digest = "e0daae7ddca6117bae5f642d182bf4c456a16fe195e74ccb38714372c533f828";
        assert!(ApiKeyHash::from_stored("salt", &digest[..32]).is_none(), "half a digest is none");
        let stored = ApiKeyHash::from_stored("salt", digest);
        let key = ApiKey::parse("ath_0123456789abcdef.secret").ok().unwrap();
        assert!(stored.unwrap().verifies(&key));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let long = format!("ath_0123456789abcdef.{}", "x".repeat(257));
        for text in [
            "",
            "ath_",
            "ath_0123456789abcdef",
            "ath_0123456789abcdef.",
            "ath_0123456789abcde.x",
            "ath_0123456789ABCDEF.x",
            "ATH_0123456789abcdef.x",
            "xyz_0123456789abcdef.x",
            "ath_0123456789abcdeg.x",
            "ath_0123456789abcdef.a b",
            "ath_0123456789abcdef.名",
            &long,
        ] {
            assert!(ApiKey::parse(text).is_err(), "{text}");
        }
    }
}
