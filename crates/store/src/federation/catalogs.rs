//! A client's catalog, as it was at several moments.

use super::JsonText;
use crate::{Store, StoreError};
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct CatalogRow {
    pub id: String,
    #[sqlx(try_from = "String")]
    pub snapshot: JsonText,
    /// Since it was taken.
    pub age_seconds: i64,
}

/// Older ones than the newest of these are forgotten.
const KEPT: i64 = 20;

const GET: &str = "
    select external_catalog_id::text as id, snapshot::text as snapshot,
        greatest(extract(epoch from now() - created_at), 0)::bigint as age_seconds
    from external_catalogs
    where client_name = $1 and ($2::uuid is null or external_catalog_id = $2::uuid)
    order by external_catalogs.id desc limit 1";

const FORGET: &str = "
    delete from external_catalogs where client_name = $1 and id < (
        select min(id) from (
            select id from external_catalogs where client_name = $1 order by id desc limit $2
        ) newest
    )";

impl Store {
    /// Keep a snapshot as the newest of its client; its id comes back.
    pub async fn put_catalog(
        &self,
        client: &str,
        name: &str,
        snapshot: &Value,
    ) -> Result<String, StoreError> {
        let id: String = sqlx::query_scalar(
            "insert into external_catalogs (client_name, name, snapshot) values ($1, $2, $3::jsonb)
             returning external_catalog_id::text",
        )
        .bind(client)
        .bind(name)
        .bind(snapshot.to_string())
        .fetch_one(&self.pool)
        .await?;
        sqlx::query(FORGET).bind(client).bind(KEPT).execute(&self.pool).await?;
        Ok(id)
    }

    /// The newest, or one by its id.
    pub async fn catalog(
        &self,
        client: &str,
        id: Option<Uuid>,
    ) -> Result<Option<CatalogRow>, StoreError> {
        Ok(sqlx::query_as(GET)
            .bind(client)
            .bind(id.map(|id| id.to_string()))
            .fetch_optional(&self.pool)
            .await?)
    }
}
