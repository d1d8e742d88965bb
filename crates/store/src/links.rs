//! Links that sign somebody in once.

use crate::{Store, StoreError, moment};
use std::time::SystemTime;

const CREATE: &str = "
    insert into console_links (console_user_id, token_hash, expires_at)
    values ($1::uuid, $2, timestamptz 'epoch' + $3::bigint * interval '1 microsecond')";

// One statement, so that of two who come at once the second finds the row spent.
const REDEEM: &str = "
    update console_links set redeemed_at = now()
    from console_users u
    where token_hash = $1 and redeemed_at is null and expires_at > now()
      and u.console_user_id = console_links.console_user_id and u.is_active
    returning u.console_user_id::text";

impl Store {
    /// Keep a link, and forget those that have long been over.
    pub async fn create_link(
        &self,
        user_id: &str,
        token_hash: &str,
        expires_at: SystemTime,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(CREATE).bind(user_id).bind(token_hash);
        query.bind(moment::to_micros(expires_at)).execute(&self.pool).await?;
        sqlx::query("delete from console_links where expires_at < now() - interval '7 days'")
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Spend a link; the person it was for comes back once, and never again.
    pub async fn redeem_link(&self, token_hash: &str) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar(REDEEM).bind(token_hash).fetch_optional(&self.pool).await?)
    }
}
