//! Looking up uses of keys.

use crate::{Store, StoreError, moment};
use sqlx::FromRow;
use std::time::SystemTime;

/// Which rows are wanted; what is left out does not narrow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthFilter {
    pub client: Option<String>,
    pub public_id: Option<String>,
    pub request_id: Option<String>,
    pub reason: Option<String>,
    pub remote_addr: Option<String>,
    pub authenticated: Option<bool>,
    pub authorized: Option<bool>,
    pub since: Option<SystemTime>,
    pub until: Option<SystemTime>,
    pub limit: u32,
    pub offset: u32,
}

/// A use of a key as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct AuthRecord {
    pub id: String,
    pub time: String,
    pub request_id: String,
    pub api_key_public_id: Option<String>,
    pub client_name: Option<String>,
    pub method: String,
    pub path: String,
    pub presented_key_hash: Option<String>,
    /// JSON.
    pub required_rights: String,
    /// JSON.
    pub granted_rights: String,
    pub authenticated: bool,
    pub authorized: bool,
    pub enforced: bool,
    pub reason: Option<String>,
    pub remote_addr: Option<String>,
    pub user_agent: Option<String>,
}

const LIST: &str = include_str!("list.sql");

impl Store {
    /// Uses of keys, newest first.
    pub async fn list_auth(&self, filter: &AuthFilter) -> Result<Vec<AuthRecord>, StoreError> {
        let listed = sqlx::query_as(LIST)
            .bind(&filter.client)
            .bind(&filter.public_id)
            .bind(&filter.request_id)
            .bind(&filter.reason)
            .bind(&filter.remote_addr)
            .bind(filter.authenticated)
            .bind(filter.authorized)
            .bind(filter.since.map(moment::to_micros))
            .bind(filter.until.map(moment::to_micros))
            .bind(i64::from(filter.limit))
            .bind(i64::from(filter.offset))
            .fetch_all(&self.pool)
            .await?;
        Ok(listed)
    }
}
