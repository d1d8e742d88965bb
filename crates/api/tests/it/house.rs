//! What holds for every answer: ids, 404s, limits, cross-site rules, and the route table.

use crate::support::TestGateway;
use api::{ApiSettings, Cors, ROUTES};
use axum::body::Body;
use gateway::Access;
use http::{HeaderValue, Method, Request};
use serde_json::json;

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_the_same_404() {
    let gateway = TestGateway::open();
    for (method, path) in [
        (Method::GET, "/nowhere"),
        (Method::GET, "/gateway/fetch"),
        (Method::GET, "/gateway/insert"),
        (Method::DELETE, "/ping"),
    ] {
        let reply = gateway.call(method.clone(), path, &[], "").await;
        assert_eq!(reply.status, 404, "{method} {path}");
        assert_eq!(
            reply.stable(),
            json!({
                "status": "error", "code": "not_found", "message": "Not Found",
                "error": "The requested resource was not found", "status_code": 404,
            })
        );
    }
}

#[tokio::test]
async fn every_route_of_the_table_is_answered_and_listed() {
    let gateway = TestGateway::open();
    let root = gateway.call(Method::GET, "/", &[], "").await;
    assert_eq!(root.body["message"], "athena is online");
    for route in ROUTES.iter() {
        let path = route.path.replace("{id}", "00000000-0000-0000-0000-000000000000");
        let reply = gateway.call(route.method.clone(), &path, &[], "").await;
        assert_ne!(reply.body["code"], "not_found", "{} {}", route.method, route.path);
        let listed = root.body["routes"].as_array().unwrap().iter().any(|listed| {
            listed["path"] == route.path && listed["methods"][0] == route.method.as_str()
        });
        assert!(listed, "{} {} is not listed at /", route.method, route.path);
    }
}

#[tokio::test]
async fn a_proper_request_id_is_echoed_and_another_is_replaced() {
    let gateway = TestGateway::open();
    let echoed = gateway.call(Method::GET, "/ping", &[("x-request-id", "abc-1.2_3")], "").await;
    assert_eq!(echoed.header("x-request-id"), Some("abc-1.2_3"));
    assert_eq!(echoed.header("x-athena-request-id"), Some("abc-1.2_3"));
    let replaced = gateway.call(Method::GET, "/ping", &[("x-request-id", "a b<script>")], "").await;
    assert_ne!(replaced.header("x-request-id"), Some("a b<script>"));
    assert!(replaced.header("x-request-id").is_some());
    assert_eq!(echoed.body, "pong");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_the_limit() {
    let settings = ApiSettings { body_limit: 64, ..ApiSettings::default() };
    let gateway = TestGateway::with(Access::open(), settings);
    let reply = gateway.post("/gateway/fetch", &format!("{{\"a\":\"{}\"}}", "x".repeat(64))).await;
    assert_eq!(
        reply.stable(),
        json!({
            "status": "error", "code": "body_too_large", "status_code": 413,
            "message": "The request body is over the limit of 64 bytes",
            "error": "The request body is over the limit of 64 bytes",
            "details": { "limit_bytes": 64 },
        })
    );
}

#[tokio::test]
async fn a_header_that_is_not_text_is_named() {
    let gateway = TestGateway::open();
    let request = Request::post("/gateway/fetch")
        .header("x-athena-client", HeaderValue::from_bytes(b"sh\xffop").unwrap())
        .body(Body::from("{}"))
        .unwrap();
    let reply = gateway.send(request).await;
    let text = "The header x-athena-client is not UTF-8 text";
    assert_eq!(reply.refusal(), (400, "invalid_header", text));
}

#[tokio::test]
async fn a_header_that_would_change_the_meaning_is_refused_by_name() {
    let gateway = TestGateway::open();
    for (name, value) in [
        ("x-jdbc-url", "jdbc:postgresql://elsewhere/db"),
        ("x-athena-jdbc-url", "postgres://elsewhere/db"),
        ("x-pg-uri", "postgres://elsewhere/db"),
        ("x-athena-defer", "yes"),
        ("x-publish-event", "true"),
        ("prefer", "return=minimal"),
    ] {
        let headers = [("x-athena-client", "shop"), (name, value)];
        let body = r#"{"table_name":"invoices"}"#;
        let reply = gateway.call(Method::POST, "/gateway/fetch", &headers, body).await;
        assert_eq!((reply.status, &reply.body["code"]), (400, &json!("not_supported")), "{name}");
        assert_eq!(reply.body["details"]["header"], name);
    }
    assert_eq!(gateway.statements(), 0);
}

#[tokio::test]
async fn headers_without_effect_do_no_harm() {
    let gateway = TestGateway::open();
    let headers = [
        ("x-athena-client", "Shop "),
        ("x-athena-deadpool-enable", "true"),
        ("x-athena-sdk", "xylex-group/athena 5.2.0"),
        ("x-athena-defer", "false"),
    ];
    let body = r#"{"table_name":"invoices"}"#;
    let reply = gateway.call(Method::POST, "/gateway/fetch", &headers, body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[tokio::test]
async fn a_preflight_is_answered_by_the_configured_rules() {
    let origins = Cors::Origins(vec![HeaderValue::from_static("https://app.example")]);
    let settings = ApiSettings { cors: origins, ..ApiSettings::default() };
    let gateway = TestGateway::with(Access::open(), settings);
    for (origin, allowed) in [("https://app.example", true), ("https://evil.example", false)] {
        let headers = [("origin", origin), ("access-control-request-method", "PUT")];
        let reply = gateway.call(Method::OPTIONS, "/gateway/insert", &headers, "").await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("access-control-allow-origin").is_some(), allowed, "{origin}");
    }
}

#[tokio::test]
async fn health_counts_clients_and_requests() {
    let gateway = TestGateway::open();
    gateway.post("/gateway/fetch", r#"{"table_name":"invoices"}"#).await;
    gateway.post("/gateway/fetch", r#"{"table_name":"nothing"}"#).await;
    let health = gateway.call(Method::GET, "/health", &[], "").await;
    assert_eq!(health.body["data"]["clients"], json!({ "registered": 1, "connected": 1 }));
    assert_eq!(health.body["data"]["requests"]["total"], 2);
    assert_eq!(health.body["data"]["requests"]["refused"], 1);
    assert_eq!(gateway.call(Method::GET, "/ready", &[], "").await.status, 200);
}

#[tokio::test]
async fn administrators_see_in_the_health_how_busy_each_client_is() {
    let access = Access::open().administered("the key");
    let gateway = TestGateway::with(access, ApiSettings::default());
    let health = gateway.call(Method::GET, "/health", &[("x-athena-key", "the key")], "").await;
    let free = json!({ "name": "reads", "limit": 1, "in_use": 0, "idle": 1, "waiting": 0 });
    assert_eq!(health.body["data"]["pools"], json!([{ "client": "shop", "pools": [free] }]));
    for headers in [&[][..], &[("x-athena-key", "another")]] {
        let health = gateway.call(Method::GET, "/health", headers, "").await;
        assert_eq!((health.status, health.body["data"].get("pools")), (200, None));
    }
}
