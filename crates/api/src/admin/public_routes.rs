//! `/admin/public-routes`.

use super::statistics::{refused, success};
use crate::{
    error::ApiError,
    extract::{Operates, RawBody},
    members::Members,
    state::ApiState,
};
use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, patch},
};
use gateway::{
    Gateway,
    admin::{
        OperateError,
        public_routes::{RouteRecord, RouteWanted, shown as shown_route},
    },
};
use http::StatusCode;
use serde_json::{Value, json};

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/admin/public-routes", get(list).post(create))
        .route("/admin/public-routes/{route_key}", patch(update).delete(remove))
}

async fn list(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
) -> Result<Json<Value>, ApiError> {
    let all = gateway.public_routes(&operator).await?;
    let routes: Vec<Value> = all.iter().map(shown).collect();
    Ok(success("Listed public routes", json!({ "routes": routes })))
}

async fn create(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    RawBody(body): RawBody,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let mut members = Members::of(&body)?;
    let key = members.take_text("route_key")?;
    let key = key.ok_or_else(|| refused(OperateError::Missing { field: "route_key" }))?;
    let wanted = RouteWanted::of(members.rest()).map_err(refused)?;
    let record = gateway.create_public_route(&operator, &key, wanted).await?;
    let data = json!({ "route": shown(&record) });
    Ok((StatusCode::CREATED, success("Created public route", data)))
}

async fn update(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(key): Path<String>,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ApiError> {
    let wanted = RouteWanted::of(Members::of(&body)?.rest()).map_err(refused)?;
    let record = gateway.update_public_route(&operator, &key, wanted).await?;
    Ok(success("Updated public route", json!({ "route": shown(&record) })))
}

async fn remove(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(key): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let record = gateway.delete_public_route(&operator, &key).await?;
    Ok(success("Deleted public route", json!({ "route": shown(&record) })))
}

fn shown(record: &RouteRecord) -> Value {
    let mut route = shown_route(&record.route);
    route["id"] = record.id.as_str().into();
    route["created_at"] = record.created_at.as_str().into();
    route["updated_at"] = record.updated_at.as_str().into();
    route["deleted_at"] = json!(record.deleted_at);
    route
}
