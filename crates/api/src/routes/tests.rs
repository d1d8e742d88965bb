//! What stands around every route.

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
    let response = around(broken, state).oneshot(request).await.unwrap();
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
