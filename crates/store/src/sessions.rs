//! Sessions of people, found by the digest of their token.

use crate::{Store, StoreError, moment};
use sqlx::FromRow;
use std::time::SystemTime;

/// A session to open.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    pub user_id: &'a str,
    pub token_hash: &'a str,
    pub expires_at: SystemTime,
    pub remote_addr: Option<&'a str>,
}

/// A session that holds, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SessionRow {
    pub session_id: String,
    pub user_id: String,
    pub email: String,
    pub display_name: Option<String>,
    pub role: String,
    /// For which organisation they work; nothing for whoever belongs to none.
    pub organization_id: Option<String>,
    pub company_id: Option<String>,
    /// What they may there.
    pub scopes: Vec<String>,
    expires_micros: i64,
}

impl SessionRow {
    pub fn is_admin(&self) -> bool {
        self.role == "admin"
    }
}

impl SessionRow {
    pub fn expires_at(&self) -> SystemTime {
        moment::from_micros(self.expires_micros)
    }
}

const CREATE: &str = "
    insert into console_sessions
        (console_user_id, token_hash, expires_at, remote_addr, organization_id)
    values (
        $1::uuid, $2, timestamptz 'epoch' + $3::bigint * interval '1 microsecond', $4,
        -- Work goes on for whom it was done last.
        (select organization_id from console_sessions
         where console_user_id = $1::uuid and organization_id is not null
         order by created_at desc limit 1)
    )";

const FIND: &str = "
    select s.console_session_id::text as session_id, u.console_user_id::text as user_id,
           u.email, u.display_name, u.role, member.organization_id::text as organization_id,
           member.company_id, coalesce(member.scopes, '{}') as scopes,
           (extract(epoch from s.expires_at) * 1000000)::bigint as expires_micros
    from console_sessions s
    join console_users u using (console_user_id)
    left join lateral (
        select m.organization_id, o.company_id, m.scopes
        from memberships m join organizations o using (organization_id)
        where m.console_user_id = u.console_user_id
        order by coalesce(m.organization_id = s.organization_id, false) desc,
                 m.created_at, m.organization_id
        limit 1
    ) member on true
    where s.token_hash = $1 and s.revoked_at is null and s.expires_at > now() and u.is_active";

impl Store {
    /// Open a session, and forget those that have long been over.
    pub async fn create_session(&self, session: &NewSession<'_>) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(CREATE)
            .bind(session.user_id)
            .bind(session.token_hash)
            .bind(moment::to_micros(session.expires_at))
            .bind(session.remote_addr)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "update console_users set last_sign_in_at = now() where console_user_id = $1::uuid",
        )
        .bind(session.user_id)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("delete from console_sessions where expires_at < now() - interval '7 days'")
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The session behind a token, while it holds and its person may sign in.
    pub async fn find_session(&self, token_hash: &str) -> Result<Option<SessionRow>, StoreError> {
        Ok(sqlx::query_as(FIND).bind(token_hash).fetch_optional(&self.pool).await?)
    }

    /// End a session. False when it was over already.
    pub async fn revoke_session(&self, token_hash: &str) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update console_sessions set revoked_at = now() where token_hash = $1 and revoked_at is null",
        )
        .bind(token_hash)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}
