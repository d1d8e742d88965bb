//! How clients differ from the gateway's own settings, as documents. What they mean is not known here.

use crate::{Store, StoreError};
use serde_json::Value;
use sqlx::FromRow;

/// A client's document. Times are RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigRecord {
    pub id: String,
    pub client_name: String,
    pub config: Value,
    pub metadata: Value,
    pub created_at: String,
    pub updated_at: String,
}

#[derive(FromRow)]
struct Row {
    id: String,
    client_name: String,
    config: String,
    metadata: String,
    created_at: String,
    updated_at: String,
}

const LIST: &str = include_str!("client_configs/list.sql");
const PUT: &str = include_str!("client_configs/put.sql");
const SEED: &str = include_str!("client_configs/seed.sql");
const DELETE: &str = include_str!("client_configs/delete.sql");

impl Store {
    /// Every client's document, by name.
    pub async fn client_configs(&self) -> Result<Vec<ConfigRecord>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(LIST).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(ConfigRecord::from).collect())
    }

    /// Put a document in, or in the place of the one that is there.
    pub async fn put_client_config(
        &self,
        client: &str,
        config: &Value,
        metadata: &Value,
    ) -> Result<ConfigRecord, StoreError> {
        let query = sqlx::query_as::<_, Row>(PUT).bind(client);
        let query = query.bind(config.to_string()).bind(metadata.to_string());
        Ok(query.fetch_one(&self.pool).await?.into())
    }

    /// Put a document in where there is none. Nothing when there is one.
    pub async fn seed_client_config(
        &self,
        client: &str,
        config: &Value,
        metadata: &Value,
    ) -> Result<Option<ConfigRecord>, StoreError> {
        let query = sqlx::query_as::<_, Row>(SEED).bind(client);
        let query = query.bind(config.to_string()).bind(metadata.to_string());
        Ok(query.fetch_optional(&self.pool).await?.map(ConfigRecord::from))
    }

    /// The document that is no longer there, if there was one.
    pub async fn delete_client_config(
        &self,
        client: &str,
    ) -> Result<Option<ConfigRecord>, StoreError> {
        let row: Option<Row> =
            sqlx::query_as(DELETE).bind(client).fetch_optional(&self.pool).await?;
        Ok(row.map(ConfigRecord::from))
    }
}

impl From<Row> for ConfigRecord {
    fn from(row: Row) -> Self {
        // A jsonb's own text is always JSON.
        let json = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        Self {
            config: json(&row.config),
            metadata: json(&row.metadata),
            id: row.id,
            client_name: row.client_name,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
