//! Sign-ins whose first step was taken: they open nothing but the second one.

use crate::{Store, StoreError, moment};
use std::time::SystemTime;
use uuid::Uuid;

/// A sign-in that waits for its second step.
#[derive(Debug, Clone)]
pub struct NewHalf<'a> {
    pub user_id: &'a str,
    pub token_hash: &'a str,
    pub expires_at: SystemTime,
    /// How often its second step may be tried.
    pub tries: i32,
}

const CREATE: &str = "
    insert into console_half_sign_ins (console_user_id, token_hash, expires_at, tries_left)
    values ($1::uuid, $2, timestamptz 'epoch' + $3::bigint * interval '1 microsecond', $4)";

// One statement, so that tries side by side are all counted.
const TRY: &str = "
    update console_half_sign_ins h set tries_left = tries_left - 1
    from console_users u
    where h.token_hash = $1 and h.expires_at > now() and h.tries_left > 0
      and u.console_user_id = h.console_user_id and u.is_active
    returning u.console_user_id::text";

const HOLDS: &str = "
    select u.console_user_id::text from console_half_sign_ins h
    join console_users u using (console_user_id)
    where h.token_hash = $1 and h.expires_at > now() and h.tries_left > 0 and u.is_active";

impl Store {
    /// Keep the first half of a sign-in, and forget those that are over.
    pub async fn create_half(&self, half: &NewHalf<'_>) -> Result<(), StoreError> {
        let query = sqlx::query(CREATE).bind(half.user_id).bind(half.token_hash);
        let query = query.bind(moment::to_micros(half.expires_at)).bind(half.tries);
        query.execute(&self.pool).await?;
        sqlx::query("delete from console_half_sign_ins where expires_at < now()")
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Whose half it is, while it holds.
    pub async fn half(&self, token_hash: &str) -> Result<Option<Uuid>, StoreError> {
        let query = sqlx::query_scalar(HOLDS).bind(token_hash);
        Ok(person(query.fetch_optional(&self.pool).await?))
    }

    /// Whose half it is; this counts as a try.
    pub async fn try_half(&self, token_hash: &str) -> Result<Option<Uuid>, StoreError> {
        let query = sqlx::query_scalar(TRY).bind(token_hash);
        Ok(person(query.fetch_optional(&self.pool).await?))
    }

    /// Spend a half. Of two who come at once the second finds it gone.
    pub async fn spend_half(&self, token_hash: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("delete from console_half_sign_ins where token_hash = $1");
        Ok(done.bind(token_hash).execute(&self.pool).await?.rows_affected() > 0)
    }
}

/// The column is a UUID, so the text of it is one.
fn person(id: Option<String>) -> Option<Uuid> {
    id.and_then(|id| Uuid::parse_str(&id).ok())
}
