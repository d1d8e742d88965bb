//! Fetching rows, and looking at what there is.

use crate::support::TestGateway;
use http::Method;
use serde_json::json;

#[tokio::test]
async fn a_fetch_answers_the_rows_in_the_envelope() {
    let gateway = TestGateway::open();
    gateway.rows(r#"[{"id":1,"amount":10.50},{"id":2,"amount":null}]"#, 2);
    let reply = gateway
        .post("/gateway/fetch", r#"{"table_name":"invoices","columns":["id","amount"],"limit":2}"#)
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let body = reply.stable();
    assert_eq!(body["status"], "success");
    assert_eq!(body["message"], "Fetched 2 rows");
    assert_eq!(body["data"].to_string(), r#"[{"id":1,"amount":10.50},{"id":2,"amount":null}]"#);
}

#[tokio::test]
async fn data_is_the_first_member_and_fetch_has_an_alias() {
    let gateway = TestGateway::open();
    let reply = gateway.post("/gateway/data", r#"{"table":"invoices"}"#).await;
    let first = reply.body.as_object().unwrap().keys().next().cloned();
    assert_eq!((reply.status, first.as_deref()), (200, Some("data")));
}

#[tokio::test]
async fn every_stage_is_timed_under_its_name() {
    let gateway = TestGateway::open();
    let reply = gateway.post("/gateway/fetch", r#"{"table_name":"invoices"}"#).await;
    let timing = reply.header("server-timing").unwrap().to_owned();
    for stage in ["auth", "parse", "plan", "permit", "render", "execute", "build"] {
        assert!(timing.contains(&format!("{stage};dur=")), "{stage} is missing in {timing}");
    }
}

#[tokio::test]
async fn values_are_bound_and_never_written_into_the_statement() {
    let gateway = TestGateway::open();
    let body = r#"{"table_name":"invoices","conditions":[{"operator":"eq","column":"token","value":"6f1e0f0e-0000-4000-8000-00000000beef"}]}"#;
    assert_eq!(gateway.post("/gateway/fetch", body).await.status, 200);
    let seen = gateway.backend.seen();
    assert_eq!(seen.len(), 1);
    assert!(!seen[0].text().contains("beef"), "{}", seen[0].text());
}

#[tokio::test]
async fn an_exact_count_is_answered_beside_the_rows() {
    let gateway = TestGateway::open();
    gateway.rows(r#"[{"id":1}]"#, 1);
    gateway.backend.answer_count(41);
    let body = r#"{"table_name":"invoices","columns":["id"],"limit":1,"count":"exact"}"#;
    let reply = gateway.post("/gateway/fetch", body).await;
    assert_eq!(reply.body["count"], 41, "{reply:?}");
    assert_eq!(gateway.statements(), 2);
}

#[tokio::test]
async fn the_strip_nulls_header_reaches_the_statement() {
    let gateway = TestGateway::open();
    let headers = [("x-athena-client", "shop"), ("x-strip-nulls", "True")];
    let body = r#"{"table_name":"invoices"}"#;
    gateway.call(Method::POST, "/gateway/fetch", &headers, body).await;
    let wanted = gateway.backend.seen()[0].rows();
    assert_eq!(wanted, query::statement::RowsWanted::ObjectsWithoutNulls);
}

#[tokio::test]
async fn a_body_that_keeps_nulls_wins_over_the_header() {
    let gateway = TestGateway::open();
    let headers = [("x-athena-client", "shop"), ("x-strip-nulls", "true")];
    let body = r#"{"table_name":"invoices","strip_nulls":false}"#;
    gateway.call(Method::POST, "/gateway/fetch", &headers, body).await;
    let wanted = gateway.backend.seen()[0].rows();
    assert_eq!(wanted, query::statement::RowsWanted::Objects);
}

#[tokio::test]
async fn an_odd_name_is_quoted_and_answered() {
    let gateway = TestGateway::open();
    let body = json!({
        "table_name": "odd'; table", "schema": "odd \"schema\"", "columns": ["a \"b\" 名前"],
    });
    let reply = gateway.post("/gateway/fetch", &body.to_string()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let text = gateway.backend.seen()[0].text().to_owned();
    assert!(text.contains(r#""odd ""schema"""."odd'; table""#), "{text}");
}

#[tokio::test]
async fn tables_and_columns_are_listed() {
    let gateway = TestGateway::open();
    let shop = [("x-athena-client", "shop")];
    let tables = gateway.call(Method::GET, "/schema/tables", &shop, "").await;
    assert_eq!(tables.status, 200, "{tables:?}");
    assert_eq!(
        tables.body["tables"][1],
        json!({
            "table_schema": "public", "table_name": "invoices", "table_type": "BASE TABLE",
            "column_count": 6, "estimated_rows": null,
        })
    );
    let path = "/schema/columns?table_name=invoices&table_schema=public";
    let columns = gateway.call(Method::GET, path, &shop, "").await;
    assert_eq!(
        columns.body["columns"][2],
        json!({
            "column_name": "amount", "data_type": "numeric(12,2)",
            "column_default": null, "is_nullable": "YES",
        })
    );
}
