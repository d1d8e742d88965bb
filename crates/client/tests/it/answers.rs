//! Envelopes of all ages, and bare answers.

use crate::support::Gateway;
use athena_client::Error;
use serde_json::{Value, json};

async fn read(body: impl ToString) -> Result<Vec<Value>, Error> {
    let gateway = Gateway::start().await;
    gateway.reply(200, body);
    gateway.athena().from("t").all().rows().await
}

async fn inserted(body: impl ToString) -> Result<Vec<Value>, Error> {
    let gateway = Gateway::start().await;
    gateway.reply(200, body);
    gateway.athena().from("t").insert(json!({ "a": 1 })).rows().await
}

#[tokio::test]
async fn rows_are_found_wherever_a_gateway_puts_them() {
    let rows = json!([{ "id": 1 }]);
    for body in [
        rows.clone(),
        json!({ "data": rows }),
        json!({ "status": "success", "message": "m", "data": rows, "new": { "x": 1 } }),
        json!({ "status": "success", "data": { "rows": rows, "post_processing": {} } }),
        json!({ "data": { "data": rows, "cache_key": "k" } }),
        json!({ "rows": rows }),
        json!({ "status": "success", "data": { "id": 1 } }),
    ] {
        assert_eq!(read(&body).await.unwrap(), [json!({ "id": 1 })], "{body}");
    }
    assert_eq!(read(" \n [ ] ").await.unwrap(), Vec::<Value>::new());
}

#[tokio::test]
async fn an_answer_without_rows_is_not_no_rows() {
    for body in [
        "",
        " ",
        "null",
        "7",
        "\"x\"",
        "{}",
        r#"{"id":1}"#,
        r#"{"data":null}"#,
        r#"{"data":7}"#,
        r#"{"status":"success","message":"Fetched 0 rows"}"#,
        "<html>",
        "[1",
        "\u{feff}[]",
    ] {
        let refused = read(body).await;
        assert!(
            matches!(refused, Err(Error::Unreadable { status: 200, .. })),
            "{body}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn a_new_row_is_found_in_the_envelope_and_bare() {
    let row = json!({ "id": 1, "status": "error", "data": { "x": 1 } });
    for body in [
        row.clone(),
        json!([row]),
        json!({ "status": "success", "message": "m", "data": row, "resource_id": "1" }),
        json!({ "status": "success", "data": [row] }),
    ] {
        assert_eq!(inserted(&body).await.unwrap(), std::slice::from_ref(&row), "{body}");
    }
}

#[tokio::test]
async fn a_write_may_be_answered_without_rows() {
    for body in
        ["", r#"{"status":"success","message":"done"}"#, r#"{"data":null,"status":"success"}"#]
    {
        assert_eq!(inserted(body).await.unwrap(), Vec::<Value>::new(), "{body}");
    }
}

#[tokio::test]
async fn numbers_keep_their_digits() {
    let gateway = Gateway::start().await;
    gateway.reply(200, r#"{"data":[{"n":12345678901234567890.10}]}"#);
    let rows = gateway.athena().from("t").all().rows::<Value>().await.unwrap();
    assert_eq!(rows[0].to_string(), r#"{"n":12345678901234567890.10}"#);
}

#[tokio::test]
async fn a_row_of_another_shape_is_told_from_a_broken_answer() {
    let gateway = Gateway::start().await;
    gateway.reply(200, r#"[{"id":"seven"}]"#);
    let wrong = gateway.athena().from("t").all().rows::<std::collections::HashMap<String, i64>>();
    let wrong = wrong.await.unwrap_err();
    assert!(matches!(wrong, Error::Decode { .. }), "{wrong:?}");
}
