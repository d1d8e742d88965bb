//! Whether the gateway is there and well: `/`, `/ping`, `/health`, `/ready`.

use crate::{
    error::ApiError,
    extract::Admin,
    routes::{ROUTES, Route},
    state::ApiState,
};
use axum::{
    Json, Router,
    extract::State,
    routing::{MethodRouter, get},
};
use gateway::{Gateway, Health};
use serde_json::{Value, json};

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/", root())
        .route("/ping", get(ping))
        .route("/health", get(health))
        .route("/health/cluster", get(cluster))
        .route("/ready", get(ready))
}

/// `/`, for wherever else it is answered.
pub(crate) fn root() -> MethodRouter<ApiState> {
    get(overview)
}

async fn ping() -> &'static str {
    "pong"
}

async fn overview(State(state): State<ApiState>) -> Json<Value> {
    let store = if state.gateway().health().has_store { "online" } else { "not configured" };
    Json(json!({
        "status": "success",
        "message": "athena is online",
        "version": CONTRACT,
        "release": release(&state),
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

/// How busy each client's sessions are, only administrators learn.
async fn health(State(state): State<ApiState>, admin: Option<Admin>) -> Json<Value> {
    let Health { uptime, registered, connected, has_store, totals, cache } =
        state.gateway().health();
    let queue = deferred_queue(state.gateway()).await;
    let redis = cache.as_ref().map_or("off", |cache| cache.redis);
    let cache = cache.map(|cache| {
        json!({ "entries": cache.entries, "bytes": cache.bytes, "hit_ratio": cache.hit_ratio })
    });
    let mut healthy = json!({
        "status": "success",
        "message": "healthy",
        "version": CONTRACT,
        "release": release(&state),
        "data": {
            "status": "ok",
            "version": state.settings().version,
            "uptime_seconds": uptime.as_secs(),
            "clients": { "registered": registered, "connected": connected },
            "cache": cache,
            "redis": redis,
            "deferred_queue": queue,
            "logging_store": if has_store { "configured" } else { "not configured" },
            "requests": {
                "total": totals.requests,
                "refused": totals.refused,
                "failed": totals.failed,
                "rows": totals.rows,
            },
        },
    });
    if state.gateway().is_degraded() {
        // Started although external databases are not what was imported of them.
        healthy["data"]["degraded"] = true.into();
        healthy["message"] = "degraded".into();
    }
    if let Some(Admin(proof)) = admin {
        healthy["data"]["pools"] = json!(state.gateway().pools(&proof));
    }
    Json(healthy)
}

/// Null where nothing can be put off, or the queue cannot be seen.
async fn deferred_queue(gateway: &Gateway) -> Value {
    let seen = match gateway.deferred() {
        Some(deferred) => deferred.seen().await,
        None => None,
    };
    seen.map_or(Value::Null, |seen| {
        json!({
            "queued": seen.queued,
            "running": seen.running,
            "dead_letter": seen.dead_letter,
            "oldest_seconds": seen.oldest_seconds,
        })
    })
}

/// The version whose contract is kept. Libraries refuse majors that they do not know.
const CONTRACT: &str = "5.2.0";

fn release(state: &ApiState) -> Value {
    let version = state.settings().version;
    json!({ "product": "athena", "version": version })
}

/// How far away each client's database is; which is which, only administrators learn.
async fn cluster(State(state): State<ApiState>, admin: Option<Admin>) -> Json<Value> {
    let cluster = state.gateway().cluster().await;
    let (up, total) = (cluster.up(), cluster.len());
    Json(json!({
        "status": "success",
        "message": format!("{up} of {total} clients answer"),
        "version": state.settings().version,
        "age_seconds": cluster.age().as_secs(),
        "up": up,
        "total": total,
        "clients": cluster.members(admin.as_ref().map(|Admin(proof)| proof)),
    }))
}

/// 503 until some client answers, so that a load balancer waits.
async fn ready(State(gateway): State<Gateway>) -> Result<Json<Value>, ApiError> {
    if gateway.is_ready() {
        return Ok(Json(json!({ "status": "success", "message": "ready" })));
    }
    Err(ApiError::NotReady)
}
