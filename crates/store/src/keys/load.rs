//! Keys as whoever keeps them in memory needs them.

use super::KeyHash;
use crate::{Store, StoreError, moment};
use sqlx::FromRow;
use std::time::SystemTime;

/// A key as the door needs it.
#[derive(Clone)]
pub struct KeyRow {
    pub public_id: String,
    pub client_name: Option<String>,
    pub hash: KeyHash,
    pub previous: Option<PreviousHash>,
    pub expires_at: Option<SystemTime>,
    pub is_active: bool,
    pub rights: Vec<String>,
}

/// The secret before the last rotation.
#[derive(Clone)]
pub struct PreviousHash {
    pub hash: KeyHash,
    pub until: SystemTime,
}

const LOAD: &str = include_str!("load.sql");

#[derive(FromRow)]
struct Loaded {
    public_id: String,
    client_name: Option<String>,
    hash_version: i16,
    pepper_id: Option<String>,
    key_salt: String,
    key_hash: String,
    previous_hash_version: Option<i16>,
    previous_pepper_id: Option<String>,
    previous_salt: Option<String>,
    previous_hash: Option<String>,
    previous_until: Option<i64>,
    expires_at: Option<i64>,
    is_active: bool,
    rights: Vec<String>,
}

impl Store {
    /// Every key that is not archived.
    pub async fn load_keys(&self) -> Result<Vec<KeyRow>, StoreError> {
        let rows: Vec<Loaded> = sqlx::query_as(LOAD).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(KeyRow::from).collect())
    }
}

impl From<Loaded> for KeyRow {
    fn from(row: Loaded) -> Self {
        let previous = row.previous_hash.zip(row.previous_until).map(|(digest, until)| {
            let hash = KeyHash {
                version: row.previous_hash_version.unwrap_or_default(),
                pepper_id: row.previous_pepper_id,
                salt: row.previous_salt.unwrap_or_default(),
                digest,
            };
            PreviousHash { hash, until: moment::from_micros(until) }
        });
        let hash = KeyHash {
            version: row.hash_version,
            pepper_id: row.pepper_id,
            salt: row.key_salt,
            digest: row.key_hash,
        };
        Self {
            public_id: row.public_id,
            client_name: row.client_name,
            hash,
            previous,
            expires_at: row.expires_at.map(moment::from_micros),
            is_active: row.is_active,
            rights: row.rights,
        }
    }
}
