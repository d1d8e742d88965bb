//! Whether keys are demanded, for all clients and for each.

use crate::{Store, StoreError};
use sqlx::FromRow;

/// Whether keys are demanded, and of which clients otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub enforced: bool,
    pub clients: Vec<(String, bool)>,
}

/// What holds for every client without a policy of its own.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct GlobalPolicy {
    pub enforce_api_keys: bool,
    pub updated_at: String,
}

#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ClientPolicy {
    pub client_name: String,
    pub enforce_api_keys: bool,
    pub created_at: String,
    pub updated_at: String,
}

const SET_GLOBAL: &str = include_str!("policy/set_global.sql");
const SET_CLIENT: &str = include_str!("policy/set_client.sql");
const GLOBAL: &str = include_str!("policy/global.sql");
const CLIENTS: &str = include_str!("policy/clients.sql");

impl Store {
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

    /// The policy for all, and those of single clients by name.
    pub async fn policies(&self) -> Result<(GlobalPolicy, Vec<ClientPolicy>), StoreError> {
        let global: Option<GlobalPolicy> =
            sqlx::query_as(GLOBAL).fetch_optional(&self.pool).await?;
        let global = match global {
            Some(global) => global,
            None => self.set_policy(true).await?,
        };
        Ok((global, sqlx::query_as(CLIENTS).fetch_all(&self.pool).await?))
    }

    pub async fn set_policy(&self, enforced: bool) -> Result<GlobalPolicy, StoreError> {
        Ok(sqlx::query_as(SET_GLOBAL).bind(enforced).fetch_one(&self.pool).await?)
    }

    /// Names are compared without regard to case.
    pub async fn set_client_policy(
        &self,
        client: &str,
        enforced: bool,
    ) -> Result<ClientPolicy, StoreError> {
        let set = sqlx::query_as(SET_CLIENT).bind(client).bind(enforced);
        Ok(set.fetch_one(&self.pool).await?)
    }

    /// False when the client had no policy of its own.
    pub async fn clear_client_policy(&self, client: &str) -> Result<bool, StoreError> {
        let done =
            sqlx::query("delete from api_key_client_config where lower(client_name) = lower($1)")
                .bind(client)
                .execute(&self.pool)
                .await?;
        Ok(done.rows_affected() > 0)
    }
}
