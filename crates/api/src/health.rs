//! Whether the gateway is there and well: `/`, `/ping`, `/health`, `/ready`.

use crate::{
    routes::{ROUTES, Route},
    state::ApiState,
};
use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use gateway::{Gateway, Health};
use http::StatusCode;
use serde_json::{Value, json};

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/", get(root))
        .route("/ping", get(ping))
        .route("/health", get(health))
        .route("/ready", get(ready))
}

async fn ping() -> &'static str {
    "pong"
}

async fn root(State(state): State<ApiState>) -> Json<Value> {
    let store = if state.gateway().health().has_store { "online" } else { "not configured" };
    Json(json!({
        "status": "success",
        "message": "athena is online",
        "version": state.settings().version,
        "athena_api": "online",
        "athena_deadpool": "offline",
        "athena_scylladb": "offline",
        "gateway_auth_store": store,
        "routes": ROUTES.iter().map(listing).collect::<Vec<_>>(),
    }))
}

fn listing(route: &Route) -> Value {
    json!({
        "path": route.path,
        "methods": [route.method.as_str()],
        "right": route.right.as_str(),
        "summary": route.summary,
    })
}

async fn health(State(state): State<ApiState>) -> Json<Value> {
    let Health { uptime, registered, connected, has_store, totals } = state.gateway().health();
    Json(json!({
        "status": "success",
        "message": "healthy",
        "data": {
            "status": "ok",
            "version": state.settings().version,
            "uptime_seconds": uptime.as_secs(),
            "clients": { "registered": registered, "connected": connected },
            "logging_store": if has_store { "configured" } else { "not configured" },
            "requests": {
                "total": totals.requests,
                "refused": totals.refused,
                "failed": totals.failed,
                "rows": totals.rows,
            },
        },
    }))
}

/// 503 until some client answers, so that a load balancer waits.
async fn ready(State(gateway): State<Gateway>) -> Response {
    if gateway.is_ready() {
        return Json(json!({ "status": "success", "message": "ready" })).into_response();
    }
    let body =
        json!({ "status": "error", "code": "not_ready", "message": "No client is connected yet" });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}
