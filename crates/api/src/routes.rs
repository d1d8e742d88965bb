//! Every path of this surface: what it does, who may, and the router that answers it.

use crate::{admin, data, error::ApiError, health, middleware, schema, state::ApiState};
use axum::Router;
use http::Method;
use tower_http::catch_panic::CatchPanicLayer;

/// What a caller needs to be let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Nothing at all.
    Open,
    /// `{table}.read`, or `gateway.read`.
    TableRead,
    /// `{table}.write`, or `gateway.write`.
    TableWrite,
    /// `{table}.delete`, or `gateway.delete`.
    TableDelete,
    /// `schema.read`; without it, only readable tables are shown.
    SchemaRead,
    /// The static admin key.
    Admin,
}

impl Right {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "none",
            Self::TableRead => "{table}.read",
            Self::TableWrite => "{table}.write",
            Self::TableDelete => "{table}.delete",
            Self::SchemaRead => "schema.read",
            Self::Admin => "admin",
        }
    }
}

/// One method on one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub right: Right,
    pub summary: &'static str,
}

const fn route(method: Method, path: &'static str, right: Right, summary: &'static str) -> Route {
    Route { method, path, right, summary }
}

/// The whole surface, for the listing at `/` and for documentation.
pub static ROUTES: &[Route] = &[
    route(Method::GET, "/", Right::Open, "What this server is and what it answers"),
    route(Method::GET, "/ping", Right::Open, "Answers pong"),
    route(Method::GET, "/health", Right::Open, "Version, uptime, clients and totals"),
    route(Method::GET, "/ready", Right::Open, "503 until a client is connected"),
    route(Method::POST, "/gateway/fetch", Right::TableRead, "Read rows"),
    route(Method::POST, "/gateway/data", Right::TableRead, "Read rows; the same as /gateway/fetch"),
    route(Method::PUT, "/gateway/insert", Right::TableWrite, "Insert rows, or upsert them"),
    route(Method::POST, "/gateway/update", Right::TableWrite, "Update the rows that match"),
    route(
        Method::DELETE,
        "/gateway/delete",
        Right::TableDelete,
        "Delete a row, or those that match",
    ),
    route(Method::GET, "/schema/tables", Right::SchemaRead, "Tables and views of a client"),
    route(Method::GET, "/schema/columns", Right::SchemaRead, "Columns of a table"),
    route(Method::GET, "/schema/clients", Right::Admin, "Clients that can answer now"),
    route(Method::GET, "/clients", Right::Admin, "Clients that can answer now"),
    route(Method::GET, "/admin/api-keys", Right::Admin, "API keys, newest first"),
    route(
        Method::POST,
        "/admin/api-keys",
        Right::Admin,
        "Make an API key; its secret is shown once",
    ),
    route(Method::DELETE, "/admin/api-keys/{id}", Right::Admin, "Deactivate an API key"),
];

/// The gateway's HTTP surface, finished but for the console's paths.
///
/// An unknown path and a wrong method are the same 404.
pub fn router(state: ApiState) -> Router {
    finish(routes().with_state(state.clone()), &state)
}

fn routes() -> Router<ApiState> {
    Router::new()
        .merge(health::router())
        .merge(data::router())
        .merge(schema::router())
        .merge(admin::router())
        .method_not_allowed_fallback(not_found)
        .fallback(not_found)
}

/// From the inside out: time, panics, ids and envelope, cross-site rules.
fn finish(router: Router, state: &ApiState) -> Router {
    use axum::middleware::{from_fn, from_fn_with_state};
    router
        .layer(from_fn_with_state(state.clone(), middleware::time_limit))
        .layer(CatchPanicLayer::custom(middleware::panicked))
        .layer(from_fn(middleware::trace))
        .layer(middleware::cors_layer(&state.settings().cors))
}

async fn not_found() -> ApiError {
    ApiError::NotFound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::ApiSettings;
    use axum::{body::Body, routing::get};
    use gateway::{Access, Gateway, GatewaySettings};
    use http::Request;
    use serde_json::Value;
    use std::time::Duration;
    use tower::ServiceExt;

    async fn answer(path: &str) -> (u16, Value) {
        let settings =
            ApiSettings { request_timeout: Duration::from_millis(20), ..ApiSettings::default() };
        let gateway = Gateway::new(GatewaySettings::default(), Access::open());
        let state = ApiState::new(gateway, settings);
        let broken = Router::new()
            .route(
                "/panics",
                get(|| async {
                    if true {
                        panic!("on purpose")
                    }
                }),
            )
            .route("/sleeps", get(|| tokio::time::sleep(Duration::from_secs(60))));
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = finish(broken, &state).oneshot(request).await.unwrap();
        assert!(response.headers().contains_key("x-request-id"));
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_a_500_envelope_that_tells_nothing() {
        let (status, body) = answer("/panics").await;
        assert_eq!((status, &body["code"]), (500, &Value::from("internal_error")));
        assert_eq!(body["error"], "An unexpected error occurred");
        assert!(!body.to_string().contains("on purpose"));
    }

    #[tokio::test]
    async fn an_endless_request_is_a_504_envelope() {
        let (status, body) = answer("/sleeps").await;
        assert_eq!((status, &body["code"]), (504, &Value::from("request_timeout")));
    }
}
