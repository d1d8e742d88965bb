//! Reads: how long they may take, and how many rows they have.

use super::Abroad;
use datasources::External;
use http::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SLEEPERS: &str = "select count(*) from pg_stat_activity
    where query like '%\"slow\"%' and state = 'active' and pid <> pg_backend_pid()";

#[tokio::test]
async fn check_46_a_read_past_the_clients_limit_is_a_504_and_cancelled_there() {
    let abroad = Abroad::with(External { query_timeout_ms: 400, ..External::default() }).await;
    let slow = json!({"table_name": "slow"});
    let count = json!({"table_name": "slow", "count": "exact"});
    let doors: [(Method, &str, Value); 5] = [
        (Method::POST, "/gateway/fetch", slow.clone()),
        (Method::POST, "/gateway/fetch", count),
        (Method::POST, "/query/count", slow.clone()),
        (Method::POST, "/gateway/query", json!({"query": "select n from slow"})),
        (Method::POST, "/gateway/query", json!({"query": "select n + 1 from \"slow\""})),
    ];
    for (method, path, body) in doors {
        let began = Instant::now();
        let reply = abroad.data(method, path, body.clone()).await;
        let (status, code, error) = reply.refusal();
        assert_eq!((status, code), (504, "QUERY_TIMEOUT"), "{path} {body} {reply:?}");
        assert!(error.contains("exceeded the 400 ms timeout"), "{error}");
        assert!(began.elapsed() < Duration::from_secs(5), "{path}");
    }
    let headers = [("x-athena-client", "crm"), ("accept", "application/x-ndjson")];
    let streamed =
        abroad.gateway.call(Method::POST, "/gateway/fetch", &headers, &slow.to_string()).await;
    assert!(streamed.text.contains("QUERY_TIMEOUT"), "{streamed:?}");
    // A cancelled statement ends a moment later.
    let began = Instant::now();
    while abroad.count(SLEEPERS).await > 0 {
        assert!(began.elapsed() < Duration::from_secs(5), "statements go on in the database");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn check_47_a_read_without_a_limit_is_capped_and_says_so() {
    let abroad = Abroad::with(External::default()).await;
    let reply = abroad.fetch(json!({"table_name": "many"})).await;
    assert_eq!(reply.body["data"].as_array().unwrap().len(), 1000);
    assert_eq!(reply.body["meta"], json!({"limit_clamped": true, "limit": 1000}));
    let reply = abroad.fetch(json!({"table_name": "many", "limit": 1200})).await;
    assert_eq!(reply.body["data"].as_array().unwrap().len(), 1200);
    assert_eq!(reply.body.get("meta"), None);
    for text in ["select n from many", "select n + 0 as n from many"] {
        let reply = abroad.data(Method::POST, "/gateway/query", json!({"query": text})).await;
        assert_eq!(reply.body["data"].as_array().unwrap().len(), 1000, "{text}");
        assert_eq!(reply.body["meta"]["truncated"], true, "{text} {:?}", reply.body["meta"]);
    }
    let text = "select n + 0 as n from many limit 1300";
    let reply = abroad.data(Method::POST, "/gateway/query", json!({"query": text})).await;
    assert_eq!(reply.body["data"].as_array().unwrap().len(), 1300);
    // A client of our own keeps the gateway's own limit.
    abroad.edit("ours", None).schema().await.unwrap();
    let headers = [("x-athena-client", "ours")];
    let body = json!({"table_name": "many"}).to_string();
    let reply = abroad.gateway.call(Method::POST, "/gateway/fetch", &headers, &body).await;
    assert_eq!(reply.body["data"].as_array().unwrap().len(), 100);
}
