//! Rows that are sent while they come.

use crate::support::TestGateway;
use axum::body::Body;
use backend::{BackendError, fake::FakeAnswer};
use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

const LINES: (&str, &str) = ("accept", "application/x-ndjson");

/// The pieces until the end, and whether the end was a proper one.
async fn read(gateway: &TestGateway, path: &str, body: &str) -> (http::HeaderMap, String, bool) {
    let request = Request::post(path).header("x-athena-client", "shop").header(LINES.0, LINES.1);
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let response = gateway.router.clone().oneshot(request).await.unwrap();
    let (parts, mut body) = response.into_parts();
    assert_eq!(parts.status, 200);
    let mut text = String::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => text.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap()),
            Err(_broken) => return (parts.headers, text, false),
        }
    }
    (parts.headers, text, true)
}

#[tokio::test]
async fn a_fetch_is_answered_line_by_line_and_without_a_limit_of_its_own() {
    let gateway = TestGateway::open();
    gateway.rows(r#"[{"id":1},{"id":2}]"#, 2);
    let (headers, text, whole) =
        read(&gateway, "/gateway/fetch", r#"{"table_name":"invoices","columns":["id"]}"#).await;
    assert_eq!((text.as_str(), whole), ("{\"id\":1}\n{\"id\":2}\n", true));
    assert_eq!(headers["content-type"], "application/x-ndjson");
    assert!(headers.contains_key("x-request-id"));
    let limits = [("", 1_000_000), (r#","limit":50000"#, 50_000), (r#","limit":7"#, 7)];
    for (asked, expected) in limits {
        read(&gateway, "/gateway/fetch", &format!(r#"{{"table_name":"invoices"{asked}}}"#)).await;
        let seen = gateway.backend.seen();
        let last = seen.last().unwrap();
        let in_text = last.text().ends_with(&format!(" LIMIT {expected}"));
        assert!(in_text || last.params().contains(&query::Param::Int8(expected)), "{asked}");
    }
}

#[tokio::test]
async fn a_query_is_answered_line_by_line_when_it_only_reads() {
    let gateway = TestGateway::open();
    gateway.rows(r#"[{"n":1}]"#, 1);
    let (_, text, whole) =
        read(&gateway, "/gateway/query", r#"{"query":"select max(id) as n from invoices"}"#).await;
    assert_eq!((text.as_str(), whole), ("{\"n\":1}\n", true));
    for body in [
        r#"{"query":"delete from invoices"}"#,
        r#"{"query":"select $1","params":[1]}"#,
        r#"{"query":"select 1; select 2"}"#,
    ] {
        let headers = [("x-athena-client", "shop"), LINES];
        let reply = gateway.call(http::Method::POST, "/gateway/query", &headers, body).await;
        assert_eq!((reply.status, &reply.body["code"]), (406, &json!("not_streamable")), "{body}");
    }
    assert_eq!(gateway.statements(), 1);
}

#[tokio::test]
async fn a_failure_before_the_first_row_is_an_answer_like_any_other() {
    let gateway = TestGateway::open();
    gateway.backend.answer(FakeAnswer::Fail(BackendError::Timeout));
    let headers = [("x-athena-client", "shop"), LINES];
    let body = r#"{"table_name":"invoices"}"#;
    let reply = gateway.call(http::Method::POST, "/gateway/fetch", &headers, body).await;
    assert_eq!((reply.status, &reply.body["code"]), (504, &json!("gateway_timeout")));
}

#[tokio::test]
async fn a_failure_among_the_rows_is_the_last_line_and_no_proper_end() {
    let gateway = TestGateway::open();
    let pieces = vec![Ok(Bytes::from_static(b"{\"id\":1}\n")), Err(BackendError::Timeout)];
    gateway.backend.answer(FakeAnswer::Chunks(pieces));
    let (_, text, whole) = read(&gateway, "/gateway/fetch", r#"{"table_name":"invoices"}"#).await;
    assert!(!whole, "nobody may take it for whole");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]), (2, &json!({"id": 1})));
    assert_eq!(lines[1]["error"]["code"], "gateway_timeout");
    let totals = gateway.gateway.health().totals;
    assert_eq!((totals.requests, totals.failed, totals.rows), (1, 1, 1));
}

#[tokio::test]
async fn a_finished_stream_is_observed_with_its_rows() {
    let gateway = TestGateway::open();
    gateway.rows(r#"[{"id":1},{"id":2},{"id":3}]"#, 3);
    read(&gateway, "/gateway/fetch", r#"{"table_name":"invoices"}"#).await;
    let totals = gateway.gateway.health().totals;
    assert_eq!((totals.requests, totals.failed, totals.rows), (1, 0, 3));
}
