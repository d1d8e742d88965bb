//! Sealed secrets. Nothing here can open one.

use crate::{AuditEntry, SealedRow, Store, StoreError, audit};
use secrets::Sealed;

type Row = (String, String, String, String, String, i32, String);

const SELECT: &str =
    "select id, namespace, key, kms_key_id, alg, version, ciphertext from sys_secret";

impl Store {
    pub async fn secret(&self, id: &str) -> Result<Option<SealedRow>, StoreError> {
        let row: Option<Row> = sqlx::query_as(concat!(
            "select id, namespace, key, kms_key_id, alg, version, ciphertext from sys_secret",
            " where id = $1"
        ))
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(sealed))
    }

    /// Every secret, for whoever seals them anew.
    pub async fn secrets(&self) -> Result<Vec<SealedRow>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(SELECT).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(sealed).collect())
    }

    pub async fn has_secrets(&self) -> Result<bool, StoreError> {
        let any: bool = sqlx::query_scalar("select exists (select from sys_secret)")
            .fetch_one(&self.pool)
            .await?;
        Ok(any)
    }

    /// Put a secret that was sealed anew in its place, unless somebody else did so before.
    pub async fn rewrap_secret(
        &self,
        id: &str,
        before: i32,
        sealed: &Sealed,
        deed: AuditEntry<'_>,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let done = sqlx::query(
            "update sys_secret set kms_key_id = $3, alg = $4, version = $5, ciphertext = $6, \
             rotated_at = now() where id = $1 and version = $2",
        )
        .bind(id)
        .bind(before)
        .bind(&sealed.kms_key_id)
        .bind(&sealed.alg)
        .bind(sealed.version)
        .bind(&sealed.ciphertext)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        audit::append(&mut transaction, deed).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Secrets that no record and no person's second step points at: their ids, and the places they were for.
    pub async fn stray_secrets(&self) -> Result<Vec<(String, String, String)>, StoreError> {
        Ok(sqlx::query_as(
            "select s.id, s.namespace, s.key from sys_secret s where not exists \
             (select from athena_clients c where c.credentials_ref = 'sys_secret:' || s.id) \
             and not exists (select from console_totp t where t.secret_id = s.id) \
             order by s.created_at",
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Remove a secret that still nothing points at.
    pub async fn remove_stray(&self, id: &str) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "delete from sys_secret s where s.id = $1 and not exists \
             (select from athena_clients c where c.credentials_ref = 'sys_secret:' || s.id) \
             and not exists (select from console_totp t where t.secret_id = s.id)",
        )
        .bind(id)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn sealed((id, namespace, key, kms_key_id, alg, version, ciphertext): Row) -> SealedRow {
    SealedRow { id, namespace, key, sealed: Sealed { alg, kms_key_id, version, ciphertext } }
}
