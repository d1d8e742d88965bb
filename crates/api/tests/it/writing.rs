//! Changing rows, and what the envelope says of it.

use crate::support::TestGateway;
use http::Method;
use serde_json::json;

const SHOP: [(&str, &str); 1] = [("x-athena-client", "shop")];

#[tokio::test]
async fn an_insert_answers_the_new_row() {
    let gateway = TestGateway::open();
    gateway.rows(r#"[{"id":7,"status":"paid"}]"#, 1);
    let body = r#"{"table_name":"invoices","insert_body":{"status":"paid","amount":"1.10"}}"#;
    let reply = gateway.call(Method::PUT, "/gateway/insert", &SHOP, body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(
        reply.stable(),
        json!({
            "data": { "id": 7, "status": "paid" }, "status": "success", "success": true,
            "message": "Data inserted successfully", "affected_rows": 1, "count": 1, "resource_id": "7", "table_name": "invoices",
        })
    );
}

#[tokio::test]
async fn an_update_answers_the_rows_it_changed_even_when_there_are_none() {
    let gateway = TestGateway::open();
    let body = r#"{"table_name":"invoices","set":{"amount":2},"conditions":[{"eq_column":"id","eq_value":7}]}"#;
    let reply = gateway.call(Method::POST, "/gateway/update", &SHOP, body).await;
    assert_eq!((reply.status, &reply.body["data"]), (200, &json!([])), "{reply:?}");
    gateway.rows(r#"[{"id":7}]"#, 1);
    let reply = gateway.call(Method::POST, "/gateway/update", &SHOP, body).await;
    assert_eq!((reply.status, &reply.body["data"]), (200, &json!([{ "id": 7 }])));
}

#[tokio::test]
async fn a_delete_says_how_many_rows_went() {
    let gateway = TestGateway::open();
    gateway.rows(r#"[{"id":7}]"#, 1);
    let body = r#"{"table_name":"invoices","resource_id":7}"#;
    let reply = gateway.call(Method::DELETE, "/gateway/delete", &SHOP, body).await;
    assert_eq!((reply.status, &reply.body["deleted_count"]), (200, &json!(1)), "{reply:?}");
    assert_eq!(reply.body["resource_id"], "7");
}
