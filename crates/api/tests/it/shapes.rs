//! How answers are laid out, spelled and grouped, as a caller asks for it.

use crate::support::TestGateway;
use http::Method;
use serde_json::json;

const FETCH: &str = "/gateway/fetch";
const SHOP: (&str, &str) = ("x-athena-client", "shop");

#[tokio::test]
async fn the_old_library_gets_the_rows_alone() {
    let gateway = TestGateway::open();
    gateway.rows(r#"[{"id":1}]"#, 1);
    gateway.backend.answer_count(41);
    let headers = [SHOP, ("x-strip-nulls", "true"), ("x-athena-response", "bare")];
    let body = r#"{"table_name":"invoices","columns":"id","count":"exact"}"#;
    let reply = gateway.call(Method::POST, FETCH, &headers, body).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, r#"[{"id":1}]"#));
    assert_eq!(reply.header("x-total-count"), Some("41"));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    gateway.rows(r#"[{"id":7,"amount":1.50}]"#, 1);
    let body = r#"{"table_name":"invoices","insert_body":{"amount":"1.50"}}"#;
    let reply = gateway.call(Method::PUT, "/gateway/insert", &headers, body).await;
    assert_eq!((reply.status, &reply.body["id"]), (200, &json!(7)));
    assert_eq!((reply.header("x-total-count"), reply.text.contains("message")), (Some("1"), false));
}

#[tokio::test]
async fn a_kept_bare_answer_keeps_its_total_and_is_no_envelope() {
    let gateway = TestGateway::caching();
    gateway.rows("[]", 0);
    gateway.backend.answer_count(5);
    let body = r#"{"table_name":"invoices","columns":"id","count":"exact"}"#;
    let bare = [SHOP, ("x-athena-response", "bare")];
    for _ in 0..2 {
        let reply = gateway.call(Method::POST, FETCH, &bare, body).await;
        assert_eq!((reply.text.as_str(), reply.header("x-total-count")), ("[]", Some("5")));
    }
    gateway.rows("[]", 0);
    gateway.backend.answer_count(5);
    let enveloped = gateway.post(FETCH, body).await;
    assert_eq!((&enveloped.body["data"], &enveloped.body["count"]), (&json!([]), &json!(5)));
    // A grouped read has the same statement, and is another answer all the same.
    gateway.rows("[]", 0);
    gateway.backend.answer_count(5);
    let grouped = r#"{"table_name":"invoices","columns":"id","count":"exact","group_by":"id"}"#;
    let grouped = gateway.post(FETCH, grouped).await;
    assert_eq!(grouped.body["post_processing"], json!({"grouped": []}));
}

#[tokio::test]
async fn members_are_spelled_as_the_header_says() {
    let gateway = TestGateway::open();
    let body = r#"{"table_name":"invoices","columns":["id","paid_at"]}"#;
    let camel = [SHOP, ("x-athena-response-case", "camel")];
    assert_eq!(gateway.call(Method::POST, FETCH, &camel, body).await.status, 200);
    let seen = gateway.backend.seen();
    assert!(seen[0].text().contains(r#""paid_at" AS "paidAt""#), "{}", seen[0].text());
    let odd = [SHOP, ("x-athena-response-case", "kebab")];
    let refused = gateway.call(Method::POST, FETCH, &odd, body).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("x-athena-response-case"), "{}", refused.text);
}

#[tokio::test]
async fn rows_are_grouped_beside_themselves() {
    let gateway = TestGateway::open();
    gateway.rows(r#"[{"status":"paid","amount":0.10},{"status":"paid","amount":0.20}]"#, 2);
    let body = r#"{"table_name":"invoices","columns":["status","amount"],"group_by":"status","aggregation_column":"amount"}"#;
    let reply = gateway.post(FETCH, body).await;
    let group = &reply.body["post_processing"]["grouped"][0];
    assert_eq!((&group["label"], &group["aggregation"]), (&json!("paid"), &json!("0.30")));
    gateway.rows(r#"[{"status":"paid","amount":"NaN"}]"#, 1);
    let refused = gateway.post(FETCH, body).await;
    let (status, code, text) = refused.refusal();
    assert_eq!((status, code), (400, "post_processing_failed"));
    assert!(text.starts_with("Post-processing failure: "), "{text}");
}
