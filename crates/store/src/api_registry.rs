//! The APIs that an installation wrote down. Who writes there is SQL of its own.

use crate::{Store, StoreError};
use serde_json::Value;
use sqlx::FromRow;

/// One of them. Times are RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiEntry {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub config: Value,
    pub created_at: String,
    pub updated_at: String,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    description: Option<String>,
    config: String,
    created_at: String,
    updated_at: String,
}

impl Store {
    /// Those that changed last, first.
    pub async fn api_registry(&self, most: i64) -> Result<Vec<ApiEntry>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(include_str!("api_registry/list.sql"))
            .bind(most)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().map(entry).collect())
    }
}

fn entry(row: Row) -> ApiEntry {
    let Row { id, name, description, config, created_at, updated_at } = row;
    let config = serde_json::from_str(&config).unwrap_or_default();
    ApiEntry { id, name, description, config, created_at, updated_at }
}
