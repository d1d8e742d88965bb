//! The second step of people who want one: a sealed secret, and recovery codes as digests.

mod half;

pub use half::NewHalf;

use crate::{SealedRow, Store, StoreError, clients::insert_secret, moment, people::end_sessions};
use secrets::Sealed;
use sqlx::{FromRow, PgConnection};
use std::time::SystemTime;
use uuid::Uuid;

/// Somebody's second step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpRow {
    pub secret: SealedRow,
    /// Whether it is asked for; until then it waits for its first code.
    pub is_confirmed: bool,
    pub recovery_left: i64,
}

/// A secret that showed a right code, and what goes with it from then on.
pub struct TotpConfirmed<'a> {
    pub secret_id: &'a str,
    /// Without the recovery codes.
    pub sealed: &'a Sealed,
    pub step: i64,
    pub recovery_hashes: &'a [String],
    /// The session that stays.
    pub session: &'a str,
}

#[derive(FromRow)]
struct Found {
    id: String,
    namespace: String,
    key: String,
    kms_key_id: String,
    alg: String,
    version: i32,
    ciphertext: String,
    is_confirmed: bool,
    recovery_left: i64,
}

const FIND: &str = include_str!("totp/find.sql");

const CONFIRM: &str = "
    update console_totp set confirmed_at = now(), last_step = $3
    where console_user_id = $1::uuid and secret_id = $2 and confirmed_at is null";

const RESEAL: &str = "
    update sys_secret set kms_key_id = $2, alg = $3, ciphertext = $4, version = version + 1
    where id = $1";

const RECOVERY: &str = "
    insert into console_recovery_codes (console_user_id, code_hash)
    select $1::uuid, code_hash from unnest($2::text[]) as code_hash";

impl Store {
    /// A second step, asked for or begun since `drafts_since`.
    pub async fn totp_of(
        &self,
        person: Uuid,
        drafts_since: SystemTime,
    ) -> Result<Option<TotpRow>, StoreError> {
        let found = sqlx::query_as(FIND).bind(person.to_string());
        let found = found.bind(moment::to_micros(drafts_since)).fetch_optional(&self.pool);
        Ok(found.await?.map(shown))
    }

    /// Whether somebody's sign-in has a second step.
    pub async fn has_totp(&self, person: Uuid) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar(
            "select exists (select from console_totp
                 where console_user_id = $1::uuid and confirmed_at is not null)",
        );
        Ok(query.bind(person.to_string()).fetch_one(&self.pool).await?)
    }

    /// Keep a secret that waits for its first code. False when there is one that is asked for.
    pub async fn begin_totp(&self, person: Uuid, secret: &SealedRow) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let id = person.to_string();
        // Two at once wait for each other here.
        sqlx::query("select from console_users where console_user_id = $1::uuid for update")
            .bind(&id)
            .execute(&mut *transaction)
            .await?;
        remove(&mut transaction, &id, false).await?;
        insert_secret(&mut transaction, secret).await?;
        let begun = sqlx::query(
            "insert into console_totp (console_user_id, secret_id) values ($1::uuid, $2)
             on conflict do nothing",
        )
        .bind(&id)
        .bind(&secret.id)
        .execute(&mut *transaction)
        .await?;
        if begun.rows_affected() == 0 {
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// From now on it is asked for; every other session ends. False when it was no draft any more.
    pub async fn confirm_totp(
        &self,
        person: Uuid,
        confirmed: &TotpConfirmed<'_>,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let id = person.to_string();
        let done = sqlx::query(CONFIRM).bind(&id).bind(confirmed.secret_id).bind(confirmed.step);
        if done.execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(RESEAL)
            .bind(confirmed.secret_id)
            .bind(&confirmed.sealed.kms_key_id)
            .bind(&confirmed.sealed.alg)
            .bind(&confirmed.sealed.ciphertext)
            .execute(&mut *transaction)
            .await?;
        let recovery = sqlx::query(RECOVERY).bind(&id).bind(confirmed.recovery_hashes);
        recovery.execute(&mut *transaction).await?;
        end_sessions(&mut transaction, &id, Some(confirmed.session)).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Use up a step. Of two who come with one code, the second finds it used.
    pub async fn spend_totp_step(&self, person: Uuid, step: i64) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update console_totp set last_step = $2
             where console_user_id = $1::uuid and confirmed_at is not null and last_step < $2",
        );
        let done = done.bind(person.to_string()).bind(step).execute(&self.pool).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Use up a recovery code.
    pub async fn spend_recovery_code(&self, person: Uuid, hash: &str) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update console_recovery_codes set used_at = now()
             where console_user_id = $1::uuid and code_hash = $2 and used_at is null",
        );
        let done = done.bind(person.to_string()).bind(hash).execute(&self.pool).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Forget a second step with its secret and its codes. False when none was asked for.
    pub async fn remove_totp(&self, person: Uuid) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let gone = remove(&mut transaction, &person.to_string(), true).await?;
        transaction.commit().await?;
        Ok(gone)
    }
}

async fn remove(
    connection: &mut PgConnection,
    person: &str,
    is_confirmed: bool,
) -> Result<bool, StoreError> {
    let secret: Option<String> = sqlx::query_scalar(
        "delete from console_totp
         where console_user_id = $1::uuid and (confirmed_at is not null) = $2 returning secret_id",
    )
    .bind(person)
    .bind(is_confirmed)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(secret) = secret else { return Ok(false) };
    sqlx::query("delete from sys_secret where id = $1")
        .bind(secret)
        .execute(&mut *connection)
        .await?;
    sqlx::query("delete from console_half_sign_ins where console_user_id = $1::uuid")
        .bind(person)
        .execute(connection)
        .await?;
    Ok(true)
}

fn shown(found: Found) -> TotpRow {
    let Found { id, namespace, key, kms_key_id, alg, version, ciphertext, .. } = found;
    TotpRow {
        secret: SealedRow {
            id,
            namespace,
            key,
            sealed: Sealed { alg, kms_key_id, version, ciphertext },
        },
        is_confirmed: found.is_confirmed,
        recovery_left: found.recovery_left,
    }
}
