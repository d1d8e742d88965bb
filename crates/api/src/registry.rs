//! The APIs that an installation wrote down: `/registry`.

use crate::{
    answer::Freshness,
    error::ApiError,
    extract::{Admin, Reads},
    state::ApiState,
};
use axum::{
    Json, Router,
    extract::{Path, State},
    routing::get,
};
use gateway::{ApiEntry, Directive, Gateway};
use serde_json::{Value, json};

pub(crate) fn router() -> Router<ApiState> {
    Router::new().route("/registry", get(list)).route("/registry/{id}", get(one))
}

async fn list(
    State(gateway): State<Gateway>,
    _: Reads,
    admin: Option<Admin>,
    freshness: Freshness,
) -> Result<Json<Value>, ApiError> {
    let entries = gateway.api_entries(freshness.directive == Directive::Bypass).await?;
    Ok(Json(entries.iter().map(|entry| shown(entry, admin.is_some())).collect()))
}

async fn one(
    State(gateway): State<Gateway>,
    _: Reads,
    admin: Option<Admin>,
    freshness: Freshness,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let entry = gateway.api_entry(&id, freshness.directive == Directive::Bypass).await?;
    Ok(Json(shown(&entry, admin.is_some())))
}

/// What an entry is set up with may be nobody's business but an administrator's.
fn shown(entry: &ApiEntry, to_administrator: bool) -> Value {
    let mut shown = json!({
        "api_registry_id": entry.id,
        "name": entry.name,
        "description": entry.description,
        "created_at": entry.created_at,
        "updated_at": entry.updated_at,
    });
    if to_administrator {
        shown["config"] = entry.config.clone();
    }
    shown
}
