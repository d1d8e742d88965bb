//! For which of their organisations somebody works in a session.

use crate::{Store, StoreError};
use sqlx::FromRow;
use uuid::Uuid;

/// An organisation somebody belongs to.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OwnOrganization {
    pub id: String,
    pub name: String,
    /// Whether the session works for it.
    pub is_chosen: bool,
}

// The one that is chosen comes first, as sessions are looked up.
const LIST: &str = "
    select id, name, row_number() over (order by is_asked_for desc, created_at, id) = 1 as is_chosen
    from (
        select o.organization_id::text as id, o.name, m.created_at,
               coalesce(m.organization_id = s.organization_id, false) as is_asked_for
        from console_sessions s
        join memberships m using (console_user_id)
        join organizations o on o.organization_id = m.organization_id
        where s.token_hash = $1
    ) mine
    order by lower(name)
    limit 200";

const CHOOSE: &str = "
    update console_sessions s set organization_id = m.organization_id
    from memberships m
    where s.token_hash = $1 and s.revoked_at is null and s.expires_at > now()
      and m.console_user_id = s.console_user_id and m.organization_id = $2::uuid";

impl Store {
    /// The organisations of whoever has this session, by name.
    pub async fn organizations_of(
        &self,
        token_hash: &str,
    ) -> Result<Vec<OwnOrganization>, StoreError> {
        Ok(sqlx::query_as(LIST).bind(token_hash).fetch_all(&self.pool).await?)
    }

    /// Work for this one from now on. False when they do not belong to it.
    pub async fn work_for(&self, token_hash: &str, organization: Uuid) -> Result<bool, StoreError> {
        let done = sqlx::query(CHOOSE).bind(token_hash).bind(organization.to_string());
        Ok(done.execute(&self.pool).await?.rows_affected() > 0)
    }
}
