//! Admin keys that were made here, and those of the settings that were retired.

use crate::{Store, StoreError, moment};
use std::time::{Duration, SystemTime};

/// An admin key as the door needs it.
#[derive(Clone)]
pub struct AdminKeyRow {
    pub pepper_id: String,
    pub digest: String,
    /// From then on it opens nothing.
    pub expires_at: Option<SystemTime>,
}

/// A digest and the pepper it was made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminKeyDigest {
    pub pepper_id: String,
    pub digest: String,
}

const LOAD: &str = include_str!("admin_keys/load.sql");
const RETIRE_MADE: &str = include_str!("admin_keys/retire_made.sql");
const RETIRE_CONFIGURED: &str = include_str!("admin_keys/retire_configured.sql");

impl Store {
    pub async fn load_admin_keys(&self) -> Result<Vec<AdminKeyRow>, StoreError> {
        let rows: Vec<(String, String, Option<i64>)> =
            sqlx::query_as(LOAD).fetch_all(&self.pool).await?;
        let row = |(pepper_id, digest, expires_at): (String, String, Option<i64>)| AdminKeyRow {
            pepper_id,
            digest,
            expires_at: expires_at.map(moment::from_micros),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Keep a new admin key; every other one, that of the settings too, opens for this much longer.
    pub async fn rotate_admin_key(
        &self,
        new: &AdminKeyDigest,
        configured: Option<&AdminKeyDigest>,
        overlap: Duration,
    ) -> Result<(), StoreError> {
        let overlap = i64::try_from(overlap.as_micros()).unwrap_or(i64::MAX);
        let mut transaction = self.begin().await?;
        sqlx::query(RETIRE_MADE).bind(overlap).execute(&mut *transaction).await?;
        // One that was made here and is over can be shown by nobody any more.
        sqlx::query("delete from admin_keys where kind = 'made' and expires_at < now()")
            .execute(&mut *transaction)
            .await?;
        if let Some(configured) = configured {
            sqlx::query(RETIRE_CONFIGURED)
                .bind(&configured.pepper_id)
                .bind(&configured.digest)
                .bind(overlap)
                .execute(&mut *transaction)
                .await?;
        }
        sqlx::query("insert into admin_keys (kind, pepper_id, digest) values ('made', $1, $2)")
            .bind(&new.pepper_id)
            .bind(&new.digest)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}
