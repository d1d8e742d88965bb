//! `/admin/admission-limits` and `/admin/admission-events`.

use crate::{
    error::ApiError,
    extract::{JsonBody, Operates},
    state::ApiState,
};
use axum::{
    Json, Router,
    extract::{Query, State},
    routing::get,
};
use gateway::{AdmissionEventFilter, AdmissionEventRow, Gateway, Limits, LimitsInput};
use http::Uri;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/admin/admission-limits", get(limits).put(set).delete(clear))
        .route("/admin/admission-events", get(events))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    decision: Option<String>,
    client: Option<String>,
    #[serde(default = "hundred")]
    limit: u32,
    #[serde(default)]
    offset: u32,
}

#[derive(Serialize)]
struct Event {
    id: i64,
    created_at: String,
    event_id: String,
    method: String,
    route: String,
    client_name: Option<String>,
    request_bytes: Option<i64>,
    defer_requested: bool,
    is_query_route: bool,
    decision: String,
    reason: String,
    deferred_request_id: Option<String>,
    retry_after_seconds: Option<i64>,
    window_seconds: Option<i64>,
    global_limit_per_window: Option<i64>,
    per_client_limit_per_window: Option<i64>,
    meta: Value,
}

/// As many as one answer lists.
const MOST: u32 = 500;

fn hundred() -> u32 {
    100
}

async fn limits(State(gateway): State<Gateway>, Operates(operator): Operates) -> Json<Value> {
    shown("Admission limits", &gateway.admission_limits(&operator))
}

async fn set(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    JsonBody(members): JsonBody<Map<String, Value>>,
) -> Result<Json<Value>, ApiError> {
    let limits = gateway.set_admission_limits(&operator, LimitsInput(members)).await?;
    Ok(shown("Admission limits set", &limits))
}

async fn clear(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
) -> Result<Json<Value>, ApiError> {
    let limits = gateway.clear_admission_limits(&operator).await?;
    Ok(shown("Admission limits are those of the settings", &limits))
}

async fn events(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    uri: Uri,
) -> Result<Json<Value>, ApiError> {
    let Query(wanted) = Query::<Wanted>::try_from_uri(&uri)
        .map_err(|rejection| ApiError::BadQuery { reason: rejection.body_text() })?;
    let filter = AdmissionEventFilter {
        decision: wanted.decision,
        client: wanted.client.map(|name| name.trim().to_ascii_lowercase()),
        limit: wanted.limit.clamp(1, MOST),
        offset: wanted.offset,
    };
    let rows = gateway.admission_events(&operator, filter.clone()).await?;
    let events: Vec<Event> = rows.into_iter().map(Event::from).collect();
    Ok(Json(json!({
        "status": "success", "message": "Listed admission events",
        "decision": filter.decision, "client": filter.client,
        "limit": filter.limit, "offset": filter.offset, "events": events,
    })))
}

fn shown(message: &str, limits: &Limits) -> Json<Value> {
    Json(json!({ "status": "success", "message": message, "data": limits.to_json() }))
}

impl From<AdmissionEventRow> for Event {
    fn from(row: AdmissionEventRow) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at,
            event_id: row.event_id,
            method: row.method,
            route: row.route,
            client_name: row.client_name,
            request_bytes: row.request_bytes,
            defer_requested: row.defer_requested,
            is_query_route: row.is_query_route,
            decision: row.decision,
            reason: row.reason,
            deferred_request_id: row.deferred_request_id,
            retry_after_seconds: row.retry_after_seconds,
            window_seconds: row.window_seconds,
            global_limit_per_window: row.global_limit_per_window,
            per_client_limit_per_window: row.per_client_limit_per_window,
            meta: row.meta,
        }
    }
}
