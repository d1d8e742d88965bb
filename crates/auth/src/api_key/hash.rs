//! What is stored of a key: an HMAC under the server's pepper, or what earlier versions stored.

use super::ApiKey;
use crate::{
    pepper::{Pepper, Peppers},
    random,
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const PURPOSE: &str = "athena: an API key";

/// A key's hash. It opens nothing, and is compared in constant time.
#[derive(Clone)]
pub struct ApiKeyHash(Kind);

#[derive(Clone)]
enum Kind {
    /// SHA-256 over the salt, a colon and the secret.
    Salted { salt: Box<str>, digest: [u8; 32] },
    /// HMAC-SHA-256 over the key's id and secret.
    Peppered { pepper: Pepper, digest: [u8; 32] },
}

/// A hash in the columns of its row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HashColumns {
    pub version: i16,
    /// Empty where there is none.
    pub salt: String,
    pub pepper_id: Option<String>,
    pub digest: String,
}

impl ApiKeyHash {
    /// From its columns; nothing when they hold no hash, or one that this server has no pepper for.
    pub fn from_stored(columns: &HashColumns, peppers: Option<&Peppers>) -> Option<Self> {
        let mut digest = [0; 32];
        hex::decode_to_slice(&columns.digest, &mut digest).ok()?;
        let kind = match columns.version {
            0 => Kind::Salted { salt: columns.salt.as_str().into(), digest },
            1 => {
                let pepper = peppers?.by_id(columns.pepper_id.as_deref()?)?.clone();
                Kind::Peppered { pepper, digest }
            }
            _ => return None,
        };
        Some(Self(kind))
    }

    pub fn columns(&self) -> HashColumns {
        match &self.0 {
            Kind::Salted { salt, digest } => HashColumns {
                version: 0,
                salt: salt.to_string(),
                pepper_id: None,
                digest: hex::encode(digest),
            },
            Kind::Peppered { pepper, digest } => HashColumns {
                version: 1,
                salt: String::new(),
                pepper_id: Some(pepper.id().to_owned()),
                digest: hex::encode(digest),
            },
        }
    }

    /// Whether this is the hash of that key, found out in constant time.
    pub fn verifies(&self, key: &ApiKey) -> bool {
        let (stored, now) = match &self.0 {
            Kind::Salted { salt, digest } => (digest, salted(salt, &key.secret)),
            Kind::Peppered { pepper, digest } => (digest, peppered(pepper, key)),
        };
        stored.ct_eq(&now).into()
    }

    /// Whether it is made as new ones are.
    pub fn is_current(&self, peppers: Option<&Peppers>) -> bool {
        match (&self.0, peppers) {
            (Kind::Peppered { pepper, .. }, Some(peppers)) => pepper.id() == peppers.current().id(),
            (Kind::Salted { .. }, None) => true,
            _ => false,
        }
    }
}

impl ApiKey {
    /// What is stored of this key: under the server's pepper, or salted where there is none.
    pub fn hash(&self, peppers: Option<&Peppers>) -> ApiKeyHash {
        ApiKeyHash(match peppers {
            Some(peppers) => {
                let pepper = peppers.current().clone();
                let digest = peppered(&pepper, self);
                Kind::Peppered { pepper, digest }
            }
            None => {
                let salt: Box<str> = hex::encode(random::<32>()).into();
                let digest = salted(&salt, &self.secret);
                Kind::Salted { salt, digest }
            }
        })
    }
}

fn salted(salt: &str, secret: &str) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(":");
    hasher.update(secret);
    hasher.finalize().into()
}

fn peppered(pepper: &Pepper, key: &ApiKey) -> [u8; 32] {
    // The id is part of it, so that a hash moved to another row opens nothing there.
    pepper.seal(PURPOSE, &[&key.id.0, &key.secret])
}
