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
    schema::{ColumnListing, ColumnsOf, ConstraintListing, Migration, TableListing},
};
use http::request::Parts;
use serde::{Deserialize, Serialize};

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/schema/tables", get(tables))
        .route("/schema/columns", get(columns))
        .route("/schema/constraints", get(constraints))
        .route("/schema/migrations", get(migrations))
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
struct Constraints {
    status: &'static str,
    message: String,
    constraints: Vec<ConstraintListing>,
}

#[derive(Serialize)]
struct Migrations {
    status: &'static str,
    message: String,
    migrations: Vec<Migration>,
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

async fn constraints(
    State(gateway): State<Gateway>,
    Wanted(of): Wanted,
    Admitted(visitor): Admitted,
) -> Result<Json<Constraints>, ApiError> {
    let constraints = gateway.constraints(&visitor, of.as_ref()).await?;
    let message = listed(constraints.len(), "constraint");
    Ok(Json(Constraints { status: "success", message, constraints }))
}

async fn migrations(
    State(gateway): State<Gateway>,
    Admitted(visitor): Admitted,
) -> Result<Json<Migrations>, ApiError> {
    let migrations = gateway.migrations(&visitor).await?;
    let message = match migrations.len() {
        0 => "Migration tracking is not available for this database.".to_owned(),
        count => listed(count, "migration"),
    };
    Ok(Json(Migrations { status: "success", message, migrations }))
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
        let of = named(parts)?;
        of.check(parts.headers.contains_key("x-athena-client"))
            .map_err(gateway::GatewayError::from)?;
        Ok(Self(of))
    }
}

/// The query of `/schema/constraints`: a table, or none for all of them.
struct Wanted(Option<ColumnsOf>);

impl FromRequestParts<ApiState> for Wanted {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, ApiError> {
        let of = named(parts)?;
        if of.table.is_empty() && of.schema.is_none() {
            return Ok(Self(None));
        }
        of.check(parts.headers.contains_key("x-athena-client"))
            .map_err(gateway::GatewayError::from)?;
        Ok(Self(Some(of)))
    }
}

fn named(parts: &Parts) -> Result<ColumnsOf, ApiError> {
    let Query(query) = Query::<ColumnsQuery>::try_from_uri(&parts.uri)
        .map_err(|rejection| ApiError::BadQuery { reason: rejection.body_text() })?;
    let schema = query.table_schema.filter(|schema| !schema.is_empty());
    Ok(ColumnsOf { table: query.table_name, schema })
}

fn listed(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("Listed {count} {noun}{plural}")
}
