//! `/management/*`: a client's structure, seen and changed.

mod body;
mod provision;

use crate::{error::ApiError, extract::Manages, state::ApiState};
use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use body::{Body, Queried};
use gateway::{
    Gateway,
    admin::management::{Changed, FunctionsOf, IndexesOf, Wish},
};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) fn router() -> Router<ApiState> {
    let tables = "/management/tables";
    let table = "/management/tables/{table}";
    let functions = "/management/functions";
    Router::new()
        .route("/management/capabilities", get(capabilities))
        .route(tables, get(list_tables).post(create_table))
        .route(table, get(show_table).patch(alter_table).delete(drop_table))
        .route("/management/tables/{table}/columns/{column}", delete(drop_column))
        .route("/management/indexes", get(list_indexes).post(create_index))
        .route("/management/indexes/{index}", delete(drop_index))
        .route("/management/extensions", get(list_extensions))
        .route("/management/extensions/install", post(install_extension))
        .route(functions, get(list_functions).put(put_function).delete(drop_function))
        .route("/management/audit-log", get(audit_log))
        .merge(provision::router())
}

#[derive(Serialize)]
pub(super) struct Answer<T> {
    status: &'static str,
    message: &'static str,
    data: T,
}

pub(super) fn success<T>(message: &'static str, data: T) -> Json<Answer<T>> {
    Json(Answer { status: "success", message, data })
}

async fn capabilities(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
) -> Result<Response, ApiError> {
    let capabilities = gateway.capabilities(&manager).await?;
    Ok(success("Listed management capabilities", capabilities).into_response())
}

async fn list_tables(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
) -> Result<Response, ApiError> {
    let tables = gateway.managed_tables(&manager).await?;
    Ok(success("Listed tables", json!({ "tables": tables })).into_response())
}

async fn show_table(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
    Path(table): Path<String>,
    mut queried: Queried,
) -> Result<Response, ApiError> {
    let schema = queried.text("schema_name");
    queried.finish()?;
    let (columns, constraints) = gateway.managed_table(&manager, &table, schema).await?;
    let data = json!({ "table_name": table, "columns": columns, "constraints": constraints });
    Ok(success("Listed columns and constraints", data).into_response())
}

async fn list_indexes(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
    mut queried: Queried,
) -> Result<Response, ApiError> {
    let of = IndexesOf { schema: queried.text("schema_name"), table: queried.text("table_name") };
    queried.finish()?;
    let indexes = gateway.managed_indexes(&manager, of).await?;
    Ok(success("Listed indexes", json!({ "indexes": indexes })).into_response())
}

async fn list_extensions(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
) -> Result<Response, ApiError> {
    let extensions = gateway.managed_extensions(&manager).await?;
    Ok(success("Listed extensions", json!({ "extensions": extensions })).into_response())
}

async fn list_functions(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
    mut queried: Queried,
) -> Result<Response, ApiError> {
    let of = FunctionsOf {
        schema: queried.text("schema"),
        name_like: queried.text("name_like"),
        include_system: queried.flag("include_system")?,
        include_definition: queried.flag("include_definition")?,
    };
    queried.finish()?;
    let functions = gateway.managed_functions(&manager, of).await?;
    Ok(success("Listed functions", json!({ "functions": functions })).into_response())
}

async fn audit_log(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
    mut queried: Queried,
) -> Result<Response, ApiError> {
    let limit = queried.number("limit")?.unwrap_or(100);
    queried.finish()?;
    let changes = gateway.management_audit(&manager, limit).await?;
    Ok(success("Listed changes", json!({ "changes": changes })).into_response())
}

async fn create_table(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
    Body(body): Body,
) -> Result<Response, ApiError> {
    Ok(changed(gateway.change_structure(&manager, Wish::CreateTable(body)).await?))
}

async fn alter_table(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
    Path(table): Path<String>,
    Body(body): Body,
) -> Result<Response, ApiError> {
    Ok(changed(gateway.change_structure(&manager, Wish::AlterTable { table, body }).await?))
}

async fn drop_table(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
    Path(table): Path<String>,
    Body(body): Body,
) -> Result<Response, ApiError> {
    Ok(changed(gateway.change_structure(&manager, Wish::DropTable { table, body }).await?))
}

async fn drop_column(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
    Path((table, column)): Path<(String, String)>,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let wish = Wish::DropColumn { table, column, body };
    Ok(changed(gateway.change_structure(&manager, wish).await?))
}

async fn create_index(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
    Body(body): Body,
) -> Result<Response, ApiError> {
    Ok(changed(gateway.change_structure(&manager, Wish::CreateIndex(body)).await?))
}

async fn drop_index(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
    Path(index): Path<String>,
    Body(body): Body,
) -> Result<Response, ApiError> {
    Ok(changed(gateway.change_structure(&manager, Wish::DropIndex { index, body }).await?))
}

async fn install_extension(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
    Body(body): Body,
) -> Result<Response, ApiError> {
    Ok(changed(gateway.change_structure(&manager, Wish::InstallExtension(body)).await?))
}

async fn put_function(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
    Body(body): Body,
) -> Result<Response, ApiError> {
    Ok(changed(gateway.change_structure(&manager, Wish::PutFunction(body)).await?))
}

async fn drop_function(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
    Body(body): Body,
) -> Result<Response, ApiError> {
    Ok(changed(gateway.change_structure(&manager, Wish::DropFunction(body)).await?))
}

fn changed(changed: Changed) -> Response {
    let status = if changed.created() { StatusCode::CREATED } else { StatusCode::OK };
    let data = Value::Object(changed.data());
    (status, success(changed.message(), data)).into_response()
}
