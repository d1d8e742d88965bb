//! Keys as whoever keeps them in memory needs them, one after the other: there may be very many.

use super::KeyHash;
use crate::{Store, StoreError, moment};
use futures_util::TryStreamExt;
use sqlx::{FromRow, PgConnection, postgres::PgRow};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::time::timeout;

/// A key as the door needs it.
#[derive(Clone, Hash)]
pub struct KeyRow {
    /// Names the row, also when there is none any more.
    pub row: i64,
    pub public_id: String,
    pub client_name: Option<String>,
    pub hash: KeyHash,
    pub previous: Option<PreviousHash>,
    pub expires_at: Option<SystemTime>,
    pub is_active: bool,
    /// By their numbers: many keys have the same ones.
    pub rights: Vec<i64>,
}

/// The secret before the last rotation.
#[derive(Clone, Hash)]
pub struct PreviousHash {
    pub hash: KeyHash,
    pub until: SystemTime,
}

/// What rights are called, by their numbers.
pub type RightNames = HashMap<i64, Arc<str>>;

/// Some of the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeysWanted {
    pub rows: Vec<i64>,
    pub public_ids: Vec<String>,
}

/// The longest until the next key, however many there are.
const PATIENCE: Duration = Duration::from_secs(2);

const ALL: &str = concat!(include_str!("load.sql"), include_str!("load_all.sql"));
const SOME: &str = concat!(include_str!("load.sql"), include_str!("load_some.sql"));

#[derive(FromRow)]
struct Loaded {
    row: i64,
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
    rights: Vec<i64>,
}

impl Store {
    /// Every key that is not archived.
    pub async fn load_keys(&self) -> Result<Vec<KeyRow>, StoreError> {
        let mut all = Vec::new();
        self.each_key(None, |row, _| all.push(row)).await?;
        Ok(all)
    }

    /// Hand over each key that is not archived, or those of them that are wanted, as they come. The
    /// names of all their rights are there from the first one on, and come back at the end.
    pub async fn each_key(
        &self,
        wanted: Option<&KeysWanted>,
        take: impl FnMut(KeyRow, &RightNames),
    ) -> Result<RightNames, StoreError> {
        // One moment for rights and keys: what a key may is read with the key.
        let begun = timeout(PATIENCE, self.begin_snapshot()).await;
        let mut transaction = begun.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
        let names = right_names(&mut transaction).await?;
        match wanted {
            None => hand_over(sqlx::query(ALL).fetch(&mut *transaction), &names, take).await?,
            Some(wanted) => {
                let some = sqlx::query(SOME).bind(&wanted.rows).bind(&wanted.public_ids);
                hand_over(some.fetch(&mut *transaction), &names, take).await?;
            }
        }
        let ended = timeout(PATIENCE, transaction.commit()).await;
        ended.map_err(|_elapsed| StoreError::Slow)??;
        Ok(names)
    }
}

async fn right_names(connection: &mut PgConnection) -> Result<RightNames, StoreError> {
    let all = sqlx::query_as::<_, (i64, String)>("select id, name from api_key_rights");
    let all = timeout(PATIENCE, all.fetch_all(connection)).await;
    let all = all.map_err(|_elapsed| StoreError::Slow)??;
    Ok(all.into_iter().map(|(id, name)| (id, Arc::from(name))).collect())
}

async fn hand_over(
    mut rows: impl futures_util::Stream<Item = Result<PgRow, sqlx::Error>> + Unpin,
    names: &RightNames,
    mut take: impl FnMut(KeyRow, &RightNames),
) -> Result<(), StoreError> {
    loop {
        let next = timeout(PATIENCE, rows.try_next()).await;
        let Some(row) = next.map_err(|_elapsed| StoreError::Slow)?? else { return Ok(()) };
        take(KeyRow::from(Loaded::from_row(&row)?), names);
    }
}

impl From<Loaded> for KeyRow {
    fn from(mut row: Loaded) -> Self {
        // Here it costs less than a sort for each key in the database.
        row.rights.sort_unstable();
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
            row: row.row,
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
