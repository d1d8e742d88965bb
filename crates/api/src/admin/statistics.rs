//! `/admin/clients/statistics` and `/admin/clients/{name}/statistics`.

use crate::{error::ApiError, extract::Operates, state::ApiState};
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    routing::{get, post},
};
use gateway::{
    Gateway, GatewayError,
    admin::{
        OperateError,
        statistics::{Drilldown, Uses},
    },
};
use http::Uri;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/admin/clients/statistics", get(list))
        .route("/admin/clients/statistics/refresh", post(refresh))
        .route("/admin/clients/{name}/statistics", get(one))
        .route("/admin/clients/{name}/statistics/drilldown", get(drill_down))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Since {
    since: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    table_name: String,
    #[serde(default)]
    operation: String,
    #[serde(default)]
    status: String,
    limit: Option<u32>,
    #[serde(default)]
    offset: u32,
}

/// As many as one answer lists.
const MOST: u32 = 500;

async fn list(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    uri: Uri,
) -> Result<Json<Value>, ApiError> {
    let wanted: Since = query(&uri)?;
    let uses = gateway.client_uses(&operator, wanted.since.as_deref()).await?;
    Ok(told("Listed client statistics", &uses))
}

async fn refresh(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
) -> Result<Json<Value>, ApiError> {
    Ok(told("Refreshed client statistics", &gateway.refresh_uses(&operator).await?))
}

async fn one(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
    uri: Uri,
) -> Result<Json<Value>, ApiError> {
    let wanted: Since = query(&uri)?;
    let (statistics, tables) = gateway.uses_of(&operator, &name, wanted.since.as_deref()).await?;
    let data = json!({ "statistics": statistics, "tables": tables });
    Ok(success("Loaded client statistics", data))
}

async fn drill_down(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
    uri: Uri,
) -> Result<Json<Value>, ApiError> {
    let wanted: Wanted = query(&uri)?;
    let text = |field, text: &str| match text.trim() {
        "" => Err(GatewayError::from(OperateError::Missing { field })),
        text => Ok(text.to_owned()),
    };
    let (status, is_error) = match wanted.status.trim() {
        "" | "all" => ("all", None),
        "errors" => ("errors", Some(true)),
        "normal" => ("normal", Some(false)),
        _ => {
            let expected = "all, errors or normal".to_owned();
            return Err(refused(OperateError::Invalid { field: "status", expected }));
        }
    };
    let drilldown = Drilldown {
        client_name: name.trim().to_ascii_lowercase(),
        table_name: text("table_name", &wanted.table_name)?,
        operation: text("operation", &wanted.operation)?,
        is_error,
        limit: wanted.limit.unwrap_or(100).clamp(1, MOST),
        offset: wanted.offset,
    };
    let rows = gateway.drill_down(&operator, drilldown.clone()).await?;
    let data = json!({
        "client_name": drilldown.client_name,
        "table_name": drilldown.table_name,
        "operation": drilldown.operation,
        "status": status,
        "limit": drilldown.limit,
        "offset": drilldown.offset,
        "rows": rows,
    });
    Ok(success("Loaded operations", data))
}

/// The address's query; what is not known there is refused.
pub(super) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, ApiError> {
    let Query(wanted) = Query::<T>::try_from_uri(uri)
        .map_err(|rejection| ApiError::BadQuery { reason: rejection.body_text() })?;
    Ok(wanted)
}

pub(super) fn refused(error: OperateError) -> ApiError {
    ApiError::Gateway(error.into())
}

pub(super) fn success(message: &str, data: Value) -> Json<Value> {
    Json(json!({ "status": "success", "message": message, "data": data }))
}

/// The numbers, and how much is missing in them.
fn told(message: &str, uses: &Uses) -> Json<Value> {
    success(message, json!({ "statistics": uses.statistics, "gaps": uses.gaps }))
}
