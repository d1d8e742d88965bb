//! `/api/v1/datasources/{name}/external/*`: databases that belong to others.

mod wanted;

use crate::{error::ApiError, extract::Operates, state::ApiState};
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    routing::{delete, get, post},
};
use gateway::{
    Gateway,
    admin::external::{DriftPage, DriftRow},
};
use http::{StatusCode, Uri};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use wanted::Wanted;

pub(crate) fn router() -> Router<ApiState> {
    let own = Router::new()
        .route("/remote-tables", get(tables))
        .route("/external/tables", get(tables))
        .route("/external/tables/{remote}/draft", post(draft))
        .route("/external/tables/{remote}/import", post(import))
        .route("/external/objects", get(objects))
        .route("/external/objects/{object}", delete(forget))
        .route("/external/refresh-catalog", post(refresh))
        .route("/external/catalog", get(catalog))
        .route("/external/validate", post(validate))
        .route("/external/drift", get(drift))
        .route("/external/drift/{id}/ack", post(acknowledge));
    Router::new().nest("/api/v1/datasources/{name}", own)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfSchema {
    schema: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfSnapshot {
    snapshot: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DriftWanted {
    #[serde(default)]
    open: bool,
    #[serde(default = "page_size")]
    limit: u32,
    #[serde(default)]
    offset: u32,
}

fn page_size() -> u32 {
    50
}

const MOST: u32 = 500;

/// The payload stands under its own name.
fn answer(message: &'static str, key: &str, payload: Value) -> Json<Value> {
    Json(json!({ "status": "success", "message": message, "data": { key: payload } }))
}

fn asked<T: DeserializeOwned>(uri: &Uri) -> Result<T, ApiError> {
    let Query(asked) = Query::<T>::try_from_uri(uri)
        .map_err(|rejection| ApiError::BadQuery { reason: rejection.body_text() })?;
    Ok(asked)
}

async fn tables(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
    uri: Uri,
) -> Result<Json<Value>, ApiError> {
    let OfSchema { schema } = asked(&uri)?;
    let tables = gateway.external(&operator).tables(&name, schema.as_deref()).await?;
    Ok(answer("Listed remote tables", "tables", json!(tables)))
}

async fn draft(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path((name, remote)): Path<(String, String)>,
    Wanted(wanted): Wanted,
) -> Result<Json<Value>, ApiError> {
    let draft = gateway.external(&operator).draft(&name, &remote, &wanted).await?;
    Ok(answer("Drafted a resource; nothing was written", "draft", draft.shown()))
}

async fn import(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path((name, remote)): Path<(String, String)>,
    Wanted(wanted): Wanted,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let made = gateway.external(&operator).import(&name, &remote, &wanted).await?;
    Ok((StatusCode::CREATED, answer("Imported a resource", "object", made.shown())))
}

async fn objects(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let all = gateway.external(&operator).resources(&name).await?;
    let all = all.iter().map(|(resource, state)| {
        let mut shown = resource.shown();
        shown["state"] = state.word().into();
        shown
    });
    let all: Vec<Value> = all.collect();
    Ok(answer("Listed imported resources", "objects", json!(all)))
}

async fn forget(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path((name, object)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    gateway.external(&operator).forget(&name, &object).await?;
    Ok(answer("Removed a resource; its table was not touched", "object", json!({ "name": object })))
}

async fn refresh(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let read = gateway.external(&operator).refresh_catalog(&name).await?;
    Ok(answer("Read the catalog", "catalog", read.shown()))
}

async fn catalog(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
    uri: Uri,
) -> Result<Json<Value>, ApiError> {
    let OfSnapshot { snapshot } = asked(&uri)?;
    let kept = gateway.external(&operator).catalog(&name, snapshot.as_deref()).await?;
    Ok(answer("The catalog as it was kept", "catalog", kept.shown()))
}

async fn validate(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let verdict = gateway.external(&operator).validate(&name).await?;
    let message = "Compared the client with what was imported of it";
    Ok(Json(json!({ "status": "success", "message": message, "data": verdict })))
}

async fn drift(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
    uri: Uri,
) -> Result<Json<Value>, ApiError> {
    let DriftWanted { open, limit, offset } = asked(&uri)?;
    let page = DriftPage { only_open: open, limit: limit.min(MOST), offset };
    let rows = gateway.external(&operator).drift(&name, page).await?;
    let events: Vec<Value> = rows.iter().map(shown).collect();
    Ok(answer("Listed events of drift, newest first", "events", json!(events)))
}

async fn acknowledge(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path((name, id)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    let row = gateway.external(&operator).acknowledge(&name, &id).await?;
    Ok(answer("Acknowledged", "event", shown(&row)))
}

fn shown(row: &DriftRow) -> Value {
    json!({
        "id": row.id,
        "resource": row.resource_name,
        "fingerprint": row.fingerprint,
        "diffs": row.diffs.0,
        "firstSeenAt": row.first_seen_at,
        "lastSeenAt": row.last_seen_at,
        "count": row.seen_count,
        "resolvedAt": row.resolved_at,
        "acknowledgedAt": row.acknowledged_at,
        "acknowledgedBy": row.acknowledged_by,
    })
}
