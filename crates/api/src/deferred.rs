//! `/gateway/deferred`: how far requests have come that are done later.

use crate::{
    answer::finish,
    error::ApiError,
    extract::{self, Admin, Admitted, presented_in, text},
    state::ApiState,
};
use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, Request, State},
    response::Response,
    routing::{get, post},
};
use gateway::{DeferredPage, DeferredRow, DeferredStatus, Gateway};
use http::{HeaderMap, Uri};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/gateway/deferred", get(list))
        .route("/gateway/deferred/{id}", get(status))
        .route("/gateway/deferred/{id}/result", get(result))
        .route("/gateway/deferred/{id}/requeue", post(requeue))
        .route("/gateway/deferred/{id}/cancel", post(cancel))
}

#[derive(Serialize)]
struct Answer<T> {
    status: &'static str,
    message: &'static str,
    data: T,
}

#[derive(Serialize)]
struct Shown {
    request_id: String,
    status: &'static str,
    method: String,
    route: String,
    client: String,
    deferred_reason: String,
    attempts: u32,
    created_at: String,
    updated_at: String,
    completed_at: Option<String>,
    next_attempt_at: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    result_summary: Option<Value>,
    has_result: bool,
    storage: &'static str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    status: Option<String>,
    #[serde(default = "hundred")]
    limit: u32,
    #[serde(default)]
    offset: u32,
    /// Where some libraries put their key; it is read elsewhere.
    #[serde(rename = "api_key")]
    _key: Option<String>,
}

/// As many as one answer lists.
const MOST: u32 = 500;

fn hundred() -> u32 {
    100
}

async fn list(
    State(state): State<ApiState>,
    request: Request,
) -> Result<Json<Answer<Vec<Shown>>>, ApiError> {
    let (mut parts, _) = request.into_parts();
    let page = page(&parts.uri)?;
    let admin = extract::administrator(&parts, &state);
    let gateway = state.gateway();
    let rows = match admin {
        Some(Admin(admin)) => {
            let client = text(&parts.headers, "x-athena-client")?;
            gateway.list_all_deferred(&admin, client, page).await?
        }
        None => {
            parts.headers.remove("x-athena-defer");
            let Admitted(visitor) = extract::admit(&parts, &state).await?;
            gateway.list_deferred(&visitor, page).await?
        }
    };
    Ok(success("Deferred requests", rows.into_iter().map(Shown::from).collect()))
}

async fn status(
    State(gateway): State<Gateway>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<Answer<Shown>>, ApiError> {
    let row = gateway.deferred_status(&presented_in(&headers, &uri), &id).await?;
    Ok(success("Deferred request status", row.into()))
}

/// What would have been answered at once.
async fn result(
    State(gateway): State<Gateway>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ApiError> {
    let found = gateway.deferred_result(&presented_in(&headers, &uri), &id).await?;
    let headers =
        vec![("content-type", "application/json".into()), ("cache-control", "no-store".into())];
    Ok(finish(found.status, headers, Body::from(found.body)))
}

async fn requeue(
    State(gateway): State<Gateway>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<Answer<Value>>, ApiError> {
    gateway.requeue_deferred(&presented_in(&headers, &uri), &id).await?;
    let data = json!({ "request_id": id, "status": "queued" });
    Ok(success("Deferred request requeued", data))
}

async fn cancel(
    State(gateway): State<Gateway>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<Answer<Value>>, ApiError> {
    gateway.cancel_deferred(&presented_in(&headers, &uri), &id).await?;
    let data = json!({ "request_id": id, "status": "cancelled" });
    Ok(success("Deferred request cancelled", data))
}

fn page(uri: &Uri) -> Result<DeferredPage, ApiError> {
    let Query(wanted) = Query::<Wanted>::try_from_uri(uri)
        .map_err(|rejection| ApiError::BadQuery { reason: rejection.body_text() })?;
    let status = wanted.status.as_deref().map(|word| {
        let known = DeferredStatus::parse(word);
        known.ok_or_else(|| ApiError::BadQuery { reason: "status is not known".to_owned() })
    });
    let (limit, offset) = (wanted.limit.min(MOST), wanted.offset);
    Ok(DeferredPage { status: status.transpose()?, limit, offset })
}

fn success<T>(message: &'static str, data: T) -> Json<Answer<T>> {
    Json(Answer { status: "success", message, data })
}

impl From<DeferredRow> for Shown {
    fn from(row: DeferredRow) -> Self {
        Self {
            request_id: row.request_id,
            status: row.status.word(),
            method: row.method,
            route: row.route,
            client: row.client,
            deferred_reason: row.reason,
            attempts: row.attempts,
            created_at: row.created_at,
            updated_at: row.updated_at,
            completed_at: row.completed_at,
            next_attempt_at: row.next_attempt_at,
            error_code: row.error_code,
            error_message: row.error_message,
            result_summary: row.summary,
            has_result: row.has_result,
            storage: "postgres",
        }
    }
}
