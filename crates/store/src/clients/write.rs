//! Changes of clients. A record, its secret and the deed are written together or not at all.

use super::row::{ClientRow, ONE};
use crate::{AuditEntry, Bound, Store, StoreError, audit, bound};
use ::secrets::Sealed;
use datasources::ClientRecord;
use serde::Serialize;
use sqlx::{PgConnection, Postgres, Transaction};

/// A secret as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRow {
    pub id: String,
    pub namespace: String,
    pub key: String,
    pub sealed: Sealed,
}

/// What happens to secrets with a change: a new one comes before the record points at it, and an
/// old one goes after that.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShiftedSecret<'a> {
    pub new: Option<&'a SealedRow>,
    pub old: Option<&'a str>,
}

/// A change of one client: how its record shall be, its secret, and the deed that is written down.
#[derive(Debug, Clone, Copy)]
pub struct ClientChange<'a> {
    pub record: &'a ClientRecord,
    pub secret: ShiftedSecret<'a>,
    pub deed: AuditEntry<'a>,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    Done(Box<ClientRecord>),
    /// The name is taken.
    Exists,
    /// Somebody changed it before.
    Stale,
    Bound(Vec<Bound>),
}

impl Store {
    /// A new client, or a removed one that comes back under its name.
    pub async fn create_client(&self, change: ClientChange<'_>) -> Result<Kept, StoreError> {
        let mut transaction = self.begin().await?;
        come(&mut transaction, change.secret).await?;
        let made = sqlx::query_scalar::<_, i64>(include_str!("create.sql"));
        let id = bind(made, change.record)
            .bind(change.record.updated_by.as_deref())
            .fetch_optional(&mut *transaction)
            .await?;
        if id.is_none() {
            return Ok(Kept::Exists);
        }
        self.finish(transaction, change).await
    }

    /// A change of the client as it was at this version.
    pub async fn update_client(&self, change: ClientChange<'_>) -> Result<Kept, StoreError> {
        let mut transaction = self.begin().await?;
        come(&mut transaction, change.secret).await?;
        let changed = sqlx::query_scalar::<_, i64>(include_str!("update.sql"));
        let id = bind(changed, change.record)
            .bind(change.record.updated_by.as_deref())
            .bind(change.record.version)
            .bind(change.record.origin.as_str())
            .bind(change.record.frozen)
            .fetch_optional(&mut *transaction)
            .await?;
        if id.is_none() {
            return Ok(Kept::Stale);
        }
        self.finish(transaction, change).await
    }

    /// Remove a client of the run time, unless something holds on to it. Its name stays known.
    pub async fn remove_client(&self, change: ClientChange<'_>) -> Result<Kept, StoreError> {
        let mut transaction = self.begin().await?;
        let bound = bound::bound_to(&mut transaction, change.record.name.as_str()).await?;
        if !bound.is_empty() {
            return Ok(Kept::Bound(bound));
        }
        let done = sqlx::query(include_str!("remove.sql"))
            .bind(change.record.name.as_str())
            .bind(change.record.version)
            .bind(change.record.updated_by.as_deref())
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(Kept::Stale);
        }
        self.finish(transaction, change).await
    }

    /// Everything that holds on to a client.
    pub async fn bound_to(&self, client: &str) -> Result<Vec<Bound>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        bound::bound_to(&mut connection, client).await
    }

    async fn finish(
        &self,
        mut transaction: Transaction<'_, Postgres>,
        change: ClientChange<'_>,
    ) -> Result<Kept, StoreError> {
        if let Some(old) = change.secret.old {
            sqlx::query("delete from sys_secret where id = $1")
                .bind(old)
                .execute(&mut *transaction)
                .await?;
        }
        audit::append(&mut transaction, change.deed).await?;
        let row: ClientRow = sqlx::query_as(ONE)
            .bind(change.record.name.as_str())
            .bind(change.record.origin.as_str())
            .fetch_one(&mut *transaction)
            .await?;
        let record = row.record().ok_or(StoreError::Slow)?;
        transaction.commit().await?;
        Ok(Kept::Done(Box::new(record)))
    }
}

/// The secret comes first, so that no record points at nothing.
async fn come(connection: &mut PgConnection, secret: ShiftedSecret<'_>) -> Result<(), StoreError> {
    match secret.new {
        Some(row) => insert_secret(connection, row).await,
        None => Ok(()),
    }
}

pub(crate) async fn insert_secret(
    connection: &mut PgConnection,
    row: &SealedRow,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into sys_secret (id, namespace, key, kms_key_id, alg, version, ciphertext) \
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&row.id)
    .bind(&row.namespace)
    .bind(&row.key)
    .bind(&row.sealed.kms_key_id)
    .bind(&row.sealed.alg)
    .bind(row.sealed.version)
    .bind(&row.sealed.ciphertext)
    .execute(connection)
    .await?;
    Ok(())
}

type Asked<'q> =
    sqlx::query::QueryScalar<'q, Postgres, i64, <Postgres as sqlx::Database>::Arguments>;

/// `$1` to `$11`: what a record holds.
fn bind<'q>(query: Asked<'q>, record: &'q ClientRecord) -> Asked<'q> {
    query
        .bind(record.name.as_str())
        .bind(&record.label)
        .bind(record.driver.id())
        .bind(record.schema_mode.as_str())
        .bind(json(&record.config))
        .bind(record.pool.as_ref().map(json))
        .bind(record.ssl.as_ref().map(json))
        .bind(record.external.as_ref().map(json))
        .bind(record.credentials_ref.as_ref().map(datasources::CredentialsRef::as_str))
        .bind(&record.uri_variable)
        .bind(record.active)
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
