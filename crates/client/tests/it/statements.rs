//! SQL, functions, health and everything else by its path.

use crate::support::Gateway;
use athena_client::{Error, Method};
use serde_json::{Value, json};

#[tokio::test]
async fn a_statement_goes_apart_from_its_values() {
    let gateway = Gateway::start().await;
    gateway.reply(
        200,
        json!({
            "data": [{ "a": 1 }],
            "meta": { "statement_count": 1, "rows_affected": 0, "returned_row_count": 1 },
        }),
    );
    let sql = gateway.athena().sql("select $1::int as a, $2::text");
    let page = sql.bind(1).bind("'; drop").page::<Value>().await.unwrap();
    assert_eq!((page.rows, &page.meta["statement_count"]), (vec![json!({ "a": 1 })], &json!(1)));
    let seen = gateway.only();
    assert_eq!(seen.asked(), ("POST", "/gateway/query"));
    let wanted = json!({ "query": "select $1::int as a, $2::text", "params": [1, "'; drop"] });
    assert_eq!(seen.body, wanted);
}

#[tokio::test]
async fn a_statement_without_rows_says_how_many_it_affected() {
    let gateway = Gateway::start().await;
    gateway.reply(200, json!({ "data": [], "meta": { "rows_affected": 12 } }));
    assert_eq!(gateway.athena().sql("delete from t").run().await.unwrap(), Some(12));
    assert_eq!(gateway.only().body, json!({ "query": "delete from t" }));
}

#[tokio::test]
async fn a_function_is_called_with_named_arguments() {
    let gateway = Gateway::start().await;
    gateway.reply(200, json!({ "data": [{ "k": "a" }], "count": 9 }));
    let page = gateway
        .athena()
        .rpc("score")
        .schema("stats")
        .arg("seed", [1, 2])
        .arg("deep", true)
        .select(["k", "n"])
        .in_("k", ["a", "b"])
        .is_null("gone")
        .order_by("n")
        .descending()
        .limit(2)
        .offset(1)
        .with_count()
        .page::<Value>()
        .await
        .unwrap();
    assert_eq!((page.rows, page.count), (vec![json!({ "k": "a" })], Some(9)));
    let seen = gateway.only();
    assert_eq!(seen.asked(), ("POST", "/gateway/rpc"));
    assert_eq!(
        seen.body,
        json!({
            "function": "score", "schema": "stats", "args": { "seed": [1, 2], "deep": true },
            "select": "k,n",
            "filters": [
                { "column": "k", "operator": "in", "value": ["a", "b"] },
                { "column": "gone", "operator": "is", "value": null },
            ],
            "order": { "column": "n", "ascending": false },
            "limit": 2, "offset": 1, "count": "exact",
        })
    );
}

#[tokio::test]
async fn a_function_of_one_value_answers_it() {
    let gateway = Gateway::start().await;
    gateway.reply(200, json!({ "data": [41] }));
    assert_eq!(gateway.athena().rpc("f").value::<i64>().await.unwrap(), 41);
    assert_eq!(gateway.only().body, json!({ "function": "f", "args": {} }));
    gateway.reply(200, json!({ "data": [] }));
    let none = gateway.athena().rpc("f").value::<i64>().await.unwrap_err();
    assert!(matches!(none, Error::NotOneRow { found: 0 }), "{none:?}");
}

#[tokio::test]
async fn health_is_understood_in_the_envelope_and_bare() {
    let gateway = Gateway::start().await;
    let inner = json!({ "status": "ok", "version": "0.1.0", "uptime_seconds": 7, "clients": {} });
    gateway.reply(200, json!({ "status": "success", "message": "healthy", "data": inner }));
    let health = gateway.athena().health().await.unwrap();
    assert_eq!((health.status.as_str(), health.version.as_deref()), ("ok", Some("0.1.0")));
    assert_eq!(health.uptime_seconds, Some(7));
    assert_eq!(gateway.only().asked(), ("GET", "/health"));
    gateway.reply(200, json!({ "status": "ok", "message": "online", "version": "5.0.0" }));
    let health = gateway.athena().health().await.unwrap();
    assert_eq!((health.status.as_str(), health.version.as_deref()), ("ok", Some("5.0.0")));
}

#[tokio::test]
async fn any_other_path_can_be_asked() {
    let gateway = Gateway::start().await;
    gateway.reply(200, json!({ "data": { "committed": true } }));
    let raw = gateway.athena().request(Method::POST, "/gateway/transaction");
    let answer: Value = raw.body(json!({ "operations": [] })).send().await.unwrap();
    assert_eq!(answer, json!({ "committed": true }));
    let seen = gateway.only();
    assert_eq!(seen.asked(), ("POST", "/gateway/transaction"));
    assert_eq!(seen.body, json!({ "operations": [] }));
    for path in ["ping", "", ".evil.example/", "@evil.example/"] {
        let refused = gateway.athena().request(Method::GET, path).send::<Value>().await;
        assert!(matches!(refused, Err(Error::Incomplete { .. })), "{path}: {refused:?}");
    }
    assert_eq!(gateway.seen().len(), 1);
}
