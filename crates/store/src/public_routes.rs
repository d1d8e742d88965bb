//! What is open to everybody: routes by their key. What they mean is not known here.

use crate::{Store, StoreError};
use serde_json::Value;
use sqlx::FromRow;

/// A route to keep, checked by whoever made it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRoute {
    pub route_key: String,
    pub client_name: String,
    pub allowed_ops: Vec<String>,
    pub is_active: bool,
    pub metadata: Value,
    pub table_name: Option<String>,
    pub any_table: bool,
    pub columns: Option<Vec<String>>,
    pub forced_conditions: Value,
    pub max_limit: Option<i64>,
    pub saved_query: Option<String>,
    pub allow_raw_sql: bool,
}

/// A route as it is kept. Times are RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteRecord {
    pub id: String,
    pub route: NewRoute,
    pub created_at: String,
    pub updated_at: String,
    pub deleted_at: Option<String>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    route_key: String,
    client_name: String,
    allowed_ops: Vec<String>,
    is_active: bool,
    metadata: String,
    table_name: Option<String>,
    any_table: bool,
    columns: Option<Vec<String>>,
    forced_conditions: String,
    max_limit: Option<i64>,
    saved_query: Option<String>,
    allow_raw_sql: bool,
    created_at: String,
    updated_at: String,
    deleted_at: Option<String>,
}

const LIST: &str = include_str!("public_routes/list.sql");
const CREATE: &str = include_str!("public_routes/create.sql");
const UPDATE: &str = include_str!("public_routes/update.sql");
const DELETE: &str = include_str!("public_routes/delete.sql");

impl Store {
    /// Every route, by key.
    pub async fn public_routes(&self) -> Result<Vec<RouteRecord>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(LIST).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(RouteRecord::from).collect())
    }

    /// Nothing when the key is taken.
    pub async fn create_public_route(
        &self,
        route: &NewRoute,
    ) -> Result<Option<RouteRecord>, StoreError> {
        self.write_route(CREATE, route).await
    }

    /// Nothing when there is no route of this key.
    pub async fn update_public_route(
        &self,
        route: &NewRoute,
    ) -> Result<Option<RouteRecord>, StoreError> {
        self.write_route(UPDATE, route).await
    }

    /// The route that is closed now, if there was one.
    pub async fn delete_public_route(&self, key: &str) -> Result<Option<RouteRecord>, StoreError> {
        let row: Option<Row> = sqlx::query_as(DELETE).bind(key).fetch_optional(&self.pool).await?;
        Ok(row.map(RouteRecord::from))
    }

    async fn write_route(
        &self,
        statement: &'static str,
        route: &NewRoute,
    ) -> Result<Option<RouteRecord>, StoreError> {
        let row: Option<Row> = sqlx::query_as(statement)
            .bind(&route.route_key)
            .bind(&route.client_name)
            .bind(&route.allowed_ops)
            .bind(route.is_active)
            .bind(route.metadata.to_string())
            .bind(&route.table_name)
            .bind(route.any_table)
            .bind(&route.columns)
            .bind(route.forced_conditions.to_string())
            .bind(route.max_limit)
            .bind(&route.saved_query)
            .bind(route.allow_raw_sql)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(RouteRecord::from))
    }
}

impl From<Row> for RouteRecord {
    fn from(row: Row) -> Self {
        // A jsonb's own text is always JSON.
        let json = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        let route = NewRoute {
            metadata: json(&row.metadata),
            forced_conditions: json(&row.forced_conditions),
            route_key: row.route_key,
            client_name: row.client_name,
            allowed_ops: row.allowed_ops,
            is_active: row.is_active,
            table_name: row.table_name,
            any_table: row.any_table,
            columns: row.columns,
            max_limit: row.max_limit,
            saved_query: row.saved_query,
            allow_raw_sql: row.allow_raw_sql,
        };
        let (created_at, updated_at, deleted_at) = (row.created_at, row.updated_at, row.deleted_at);
        Self { id: row.id, route, created_at, updated_at, deleted_at }
    }
}
