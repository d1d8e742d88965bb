//! What a client holds, over HTTP: `/schema/tables`, `/schema/columns`, and the clients themselves.

use crate::{
    error::ApiError,
    extract::{Admin, Admitted},
    state::ApiState,
};
use api_types::ClientName;
use axum::{
    Json, Router,
    extract::{FromRequestParts, Query, State},
    routing::get,
};
use gateway::{
    Gateway,
    schema::{ColumnListing, ColumnsOf, TableListing},
};
use http::request::Parts;
use serde::{Deserialize, Serialize};

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/schema/tables", get(tables))
        .route("/schema/columns", get(columns))
        .route("/schema/clients", get(clients))
        .route("/clients", get(clients))
}

#[derive(Serialize)]
struct Tables {
    status: &'static str,
    message: String,
    tables: Vec<TableListing>,
}

#[derive(Serialize)]
struct Columns {
    status: &'static str,
    message: String,
    columns: Vec<ColumnListing>,
}

#[derive(Serialize)]
struct Clients {
    status: &'static str,
    message: String,
    clients: Vec<ClientName>,
}

async fn tables(
    State(gateway): State<Gateway>,
    Admitted(visitor): Admitted,
) -> Result<Json<Tables>, ApiError> {
    let tables = gateway.tables(&visitor).await?;
    Ok(Json(Tables { status: "success", message: listed(tables.len(), "table"), tables }))
}

async fn columns(
    State(gateway): State<Gateway>,
    Asked(of): Asked,
    Admitted(visitor): Admitted,
) -> Result<Json<Columns>, ApiError> {
    let columns = gateway.columns(&visitor, &of).await?;
    Ok(Json(Columns { status: "success", message: listed(columns.len(), "column"), columns }))
}

/// Every client that can answer now.
async fn clients(State(gateway): State<Gateway>, Admin(admin): Admin) -> Json<Clients> {
    let clients = gateway.ready_clients(&admin);
    Json(Clients { status: "success", message: listed(clients.len(), "client"), clients })
}

/// The query of `/schema/columns`, checked before anything else is looked at.
struct Asked(ColumnsOf);

#[derive(Deserialize)]
struct ColumnsQuery {
    #[serde(default)]
    table_name: String,
    table_schema: Option<String>,
}

impl FromRequestParts<ApiState> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, ApiError> {
        let Query(query) = Query::<ColumnsQuery>::try_from_uri(&parts.uri)
            .map_err(|rejection| ApiError::BadQuery { reason: rejection.body_text() })?;
        let schema = query.table_schema.filter(|schema| !schema.is_empty());
        let of = ColumnsOf { table: query.table_name, schema };
        of.check(parts.headers.contains_key("x-athena-client"))
            .map_err(gateway::GatewayError::from)?;
        Ok(Self(of))
    }
}

fn listed(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("Listed {count} {noun}{plural}")
}
