//! API keys and their rights.

use crate::{Store, StoreError, moment};
use sqlx::FromRow;
use std::time::SystemTime;

/// A key to keep. Its secret is not here.
#[derive(Clone)]
pub struct NewKey {
    pub public_id: String,
    pub name: String,
    pub description: Option<String>,
    pub client_name: Option<String>,
    pub salt: String,
    pub hash: String,
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
    pub rights: Vec<String>,
}

/// A key as the door needs it.
#[derive(Clone)]
pub struct KeyRow {
    pub public_id: String,
    pub client_name: Option<String>,
    pub salt: String,
    pub hash: String,
    pub expires_at: Option<SystemTime>,
    pub is_active: bool,
    pub rights: Vec<String>,
}

/// Whether keys are demanded, and of which clients otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub enforced: bool,
    pub clients: Vec<(String, bool)>,
}

/// Which part of the list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPage {
    pub limit: u32,
    pub offset: u32,
}

const RECORD: &str = include_str!("keys/record.sql");
const LIST: &str = include_str!("keys/list.sql");
const CREATE: &str = include_str!("keys/create.sql");
const LOAD: &str = include_str!("keys/load.sql");
const GRANT: &str = include_str!("keys/grant.sql");
const TOUCH: &str = include_str!("keys/touch.sql");

type LoadedRow = (String, Option<String>, String, String, Option<i64>, bool, Vec<String>);

impl Store {
    /// Keep a key with its rights; rights that no key had so far join the catalogue.
    pub async fn create_key(&self, key: &NewKey) -> Result<KeyRecord, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let id: i64 = sqlx::query_scalar(CREATE)
            .bind(&key.public_id)
            .bind(&key.name)
            .bind(&key.description)
            .bind(&key.client_name)
            .bind(&key.salt)
            .bind(&key.hash)
            .bind(key.expires_at.map(moment::to_micros))
            .fetch_one(&mut *transaction)
            .await?;
        sqlx::query("insert into api_key_rights (name) select distinct unnest($1::text[]) on conflict (name) do nothing")
            .bind(&key.rights)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(GRANT).bind(id).bind(&key.rights).execute(&mut *transaction).await?;
        let record = sqlx::query_as(RECORD).bind(id).fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(record)
    }

    /// Keys, newest first.
    pub async fn list_keys(&self, page: KeyPage) -> Result<Vec<KeyRecord>, StoreError> {
        let (limit, offset) = (i64::from(page.limit), i64::from(page.offset));
        Ok(sqlx::query_as(LIST).bind(limit).bind(offset).fetch_all(&self.pool).await?)
    }

    /// Close a key by its id. False when there is none.
    pub async fn deactivate_key(&self, id: uuid::Uuid) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update api_keys set is_active = false, updated_at = now() where api_keys_id = $1::uuid",
        )
        .bind(id.to_string())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Every key, for whoever keeps them in memory.
    pub async fn load_keys(&self) -> Result<Vec<KeyRow>, StoreError> {
        let rows: Vec<LoadedRow> = sqlx::query_as(LOAD).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(key_row).collect())
    }

    pub async fn load_policy(&self) -> Result<Policy, StoreError> {
        // Without the row somebody deleted it by hand; that opens nothing.
        let enforced: bool = sqlx::query_scalar(
            "select coalesce((select enforce_api_keys from api_key_config order by id limit 1), true)",
        )
        .fetch_one(&self.pool)
        .await?;
        let clients =
            sqlx::query_as("select client_name, enforce_api_keys from api_key_client_config")
                .fetch_all(&self.pool)
                .await?;
        Ok(Policy { enforced, clients })
    }

    /// Write down when keys were last used, many at once.
    pub async fn touch_keys(&self, used: &[(String, SystemTime)]) -> Result<(), StoreError> {
        let ids: Vec<&str> = used.iter().map(|(id, _)| id.as_str()).collect();
        let times: Vec<i64> = used.iter().map(|(_, at)| moment::to_micros(*at)).collect();
        sqlx::query(TOUCH).bind(ids).bind(times).execute(&self.pool).await?;
        Ok(())
    }
}

fn key_row(row: LoadedRow) -> KeyRow {
    let (public_id, client_name, salt, hash, expires_at, is_active, rights) = row;
    let expires_at = expires_at.map(moment::from_micros);
    KeyRow { public_id, client_name, salt, hash, expires_at, is_active, rights }
}
