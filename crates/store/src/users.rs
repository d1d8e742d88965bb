//! The people of the console.

use crate::{Store, StoreError, people::end_sessions};
use sqlx::FromRow;

/// A person who may sign in. The hash is why this cannot be printed.
#[derive(Clone, FromRow)]
pub struct UserRow {
    pub id: String,
    pub email: String,
    pub display_name: Option<String>,
    pub role: String,
    pub password_hash: Option<String>,
    pub is_active: bool,
}

const UPSERT: &str = "
    insert into console_users (email, display_name, password_hash) values (lower(trim($1)), $2, $3)
    on conflict (email) do update set
        display_name = coalesce(excluded.display_name, console_users.display_name),
        password_hash = coalesce(excluded.password_hash, console_users.password_hash),
        is_active = true,
        updated_at = now()
    returning console_user_id::text as id, email, display_name, role, password_hash, is_active";

const BY_EMAIL: &str = "
    select console_user_id::text as id, email, display_name, role, password_hash, is_active
    from console_users where email = lower(trim($1))";

impl Store {
    /// Make an administrator, or change one; what is not given stays as it was.
    pub async fn upsert_admin(
        &self,
        email: &str,
        display_name: Option<&str>,
        password_hash: Option<&str>,
    ) -> Result<UserRow, StoreError> {
        let query = sqlx::query_as(UPSERT).bind(email).bind(display_name).bind(password_hash);
        Ok(query.fetch_one(&self.pool).await?)
    }

    pub async fn user_by_email(&self, email: &str) -> Result<Option<UserRow>, StoreError> {
        Ok(sqlx::query_as(BY_EMAIL).bind(email).fetch_optional(&self.pool).await?)
    }

    /// Everybody who may sign in, oldest first.
    pub async fn users(&self, limit: u32) -> Result<Vec<UserRow>, StoreError> {
        let query = sqlx::query_as(
            "select console_user_id::text as id, email, display_name, role, password_hash, is_active
             from console_users order by created_at, email limit $1",
        );
        Ok(query.bind(i64::from(limit)).fetch_all(&self.pool).await?)
    }

    /// A new password ends every session that was opened with the old one.
    pub async fn set_password(&self, user_id: &str, hash: &str) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let changed = sqlx::query(
            "update console_users set password_hash = $2, updated_at = now() where console_user_id = $1::uuid",
        )
        .bind(user_id)
        .bind(hash)
        .execute(&mut *transaction)
        .await?;
        end_sessions(&mut transaction, user_id, None).await?;
        transaction.commit().await?;
        Ok(changed.rows_affected() > 0)
    }
}
