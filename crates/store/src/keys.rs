//! API keys and their rights.

mod change;
mod load;

pub use change::{KeyChange, KeyUpdate};
pub use load::{KeyRow, KeysWanted, PreviousHash, RightNames};

use crate::{Store, StoreError, moment};
use sqlx::{FromRow, PgConnection};
use std::time::{Duration, SystemTime};
use uuid::Uuid;

/// A secret's hash as its row has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct KeyHash {
    pub version: i16,
    pub pepper_id: Option<String>,
    pub salt: String,
    pub digest: String,
}

/// A key to keep. Its secret is not here.
#[derive(Clone)]
pub struct NewKey {
    pub public_id: String,
    pub name: String,
    pub description: Option<String>,
    pub client_name: Option<String>,
    pub hash: KeyHash,
    pub expires_at: Option<SystemTime>,
    pub rights: Vec<String>,
}

/// A key as it is shown. Times are RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct KeyRecord {
    pub id: String,
    pub public_id: String,
    pub name: String,
    pub description: Option<String>,
    pub client_name: Option<String>,
    pub expires_at: Option<String>,
    pub is_active: bool,
    pub last_used_at: Option<String>,
    pub created_at: String,
    pub updated_at: String,
    pub rotated_at: Option<String>,
    /// Until then the secret before the last rotation opens, too.
    pub previous_until: Option<String>,
    pub archived_at: Option<String>,
    pub rights: Vec<String>,
}

/// Which part of the list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPage {
    pub limit: u32,
    pub offset: u32,
    /// Archived keys as well.
    pub archived: bool,
}

const SHOWN: &str = include_str!("keys/shown.sql");
const CREATE: &str = include_str!("keys/create.sql");
const GRANT: &str = include_str!("keys/grant.sql");
const TOUCH: &str = include_str!("keys/touch.sql");
const ROTATE: &str = include_str!("keys/rotate.sql");
const UPGRADE: &str = include_str!("keys/upgrade.sql");

impl Store {
    /// Keep a key with its rights; rights that no key had so far join the catalogue.
    pub async fn create_key(&self, key: &NewKey) -> Result<KeyRecord, StoreError> {
        let mut transaction = self.begin().await?;
        let id: i64 = sqlx::query_scalar(CREATE)
            .bind(&key.public_id)
            .bind(&key.name)
            .bind(&key.description)
            .bind(&key.client_name)
            .bind(&key.hash.salt)
            .bind(&key.hash.digest)
            .bind(key.hash.version)
            .bind(&key.hash.pepper_id)
            .bind(key.expires_at.map(moment::to_micros))
            .fetch_one(&mut *transaction)
            .await?;
        grant(&mut transaction, id, &key.rights).await?;
        let record = shown(&mut transaction, id).await?;
        transaction.commit().await?;
        Ok(record)
    }

    /// Keys, newest first.
    pub async fn list_keys(&self, page: KeyPage) -> Result<Vec<KeyRecord>, StoreError> {
        let listed = sqlx::query_as(SHOWN)
            .bind(None::<i64>)
            .bind(page.archived)
            .bind(i64::from(page.limit))
            .bind(i64::from(page.offset))
            .fetch_all(&self.pool)
            .await?;
        Ok(listed)
    }

    /// How many keys that list has.
    pub async fn count_keys(&self, archived: bool) -> Result<u64, StoreError> {
        let count: i64 =
            sqlx::query_scalar("select count(*) from api_keys where deleted_at is null or $1")
                .bind(archived)
                .fetch_one(&self.pool)
                .await?;
        Ok(count.unsigned_abs())
    }

    /// Close a key and keep it where it can be looked up. Nothing when there is none.
    pub async fn archive_key(&self, id: Uuid) -> Result<Option<KeyRecord>, StoreError> {
        let mut transaction = self.begin().await?;
        let Some(row) = locked(&mut transaction, id).await? else { return Ok(None) };
        sqlx::query(
            "update api_keys set deleted_at = now(), is_active = false, updated_at = now(),
                 previous_hash = null, previous_until = null where id = $1",
        )
        .bind(row)
        .execute(&mut *transaction)
        .await?;
        let record = shown(&mut transaction, row).await?;
        transaction.commit().await?;
        Ok(Some(record))
    }

    /// Remove a key for good, archived or not; what it was comes back.
    pub async fn purge_key(&self, id: Uuid) -> Result<Option<KeyRecord>, StoreError> {
        let mut transaction = self.begin().await?;
        let row: Option<i64> =
            sqlx::query_scalar("select id from api_keys where api_keys_id = $1::uuid for update")
                .bind(id.to_string())
                .fetch_optional(&mut *transaction)
                .await?;
        let Some(row) = row else { return Ok(None) };
        let record = shown(&mut transaction, row).await?;
        sqlx::query(
            "update api_key_auth_log set api_key_id = null
             where api_key_public_id collate \"C\" = $1 and api_key_id = $2",
        )
        .bind(&record.public_id)
        .bind(row)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("delete from api_keys where id = $1")
            .bind(row)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Some(record))
    }

    /// The public id of a key that is not archived.
    pub async fn public_id(&self, id: Uuid) -> Result<Option<String>, StoreError> {
        let found = sqlx::query_scalar(
            "select public_id from api_keys where api_keys_id = $1::uuid and deleted_at is null",
        );
        Ok(found.bind(id.to_string()).fetch_optional(&self.pool).await?)
    }

    /// Give a key another secret; the one before it opens for this much longer.
    pub async fn rotate_key(
        &self,
        id: Uuid,
        hash: &KeyHash,
        overlap: Duration,
    ) -> Result<Option<KeyRecord>, StoreError> {
        let mut transaction = self.begin().await?;
        let Some(row) = locked(&mut transaction, id).await? else { return Ok(None) };
        sqlx::query(ROTATE)
            .bind(row)
            .bind(&hash.salt)
            .bind(&hash.digest)
            .bind(hash.version)
            .bind(&hash.pepper_id)
            .bind(i64::try_from(overlap.as_micros()).unwrap_or(i64::MAX))
            .execute(&mut *transaction)
            .await?;
        let record = shown(&mut transaction, row).await?;
        transaction.commit().await?;
        Ok(Some(record))
    }

    /// Keep a better hash of the same secret, unless the secret is another by now.
    pub async fn upgrade_hash(
        &self,
        public_id: &str,
        from: &KeyHash,
        to: &KeyHash,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(UPGRADE)
            .bind(public_id)
            .bind(&from.digest)
            .bind(&to.salt)
            .bind(&to.digest)
            .bind(to.version)
            .bind(&to.pepper_id)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Write down when keys were last used, many at once.
    pub async fn touch_keys(&self, used: &[(String, SystemTime)]) -> Result<(), StoreError> {
        let ids: Vec<&str> = used.iter().map(|(id, _)| id.as_str()).collect();
        let times: Vec<i64> = used.iter().map(|(_, at)| moment::to_micros(*at)).collect();
        sqlx::query(TOUCH).bind(ids).bind(times).execute(&self.pool).await?;
        Ok(())
    }
}

/// The row of a key that is not archived, held until the transaction ends.
async fn locked(connection: &mut PgConnection, id: Uuid) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query_scalar(
        "select id from api_keys where api_keys_id = $1::uuid and deleted_at is null for update",
    );
    Ok(row.bind(id.to_string()).fetch_optional(connection).await?)
}

async fn shown(connection: &mut PgConnection, row: i64) -> Result<KeyRecord, StoreError> {
    let record = sqlx::query_as(SHOWN).bind(Some(row)).bind(true).bind(1_i64).bind(0_i64);
    Ok(record.fetch_one(connection).await?)
}

async fn grant(
    connection: &mut PgConnection,
    row: i64,
    rights: &[String],
) -> Result<(), StoreError> {
    sqlx::query("insert into api_key_rights (name) select distinct unnest($1::text[]) on conflict (name) do nothing")
        .bind(rights)
        .execute(&mut *connection)
        .await?;
    sqlx::query(GRANT).bind(row).bind(rights).execute(connection).await?;
    Ok(())
}
