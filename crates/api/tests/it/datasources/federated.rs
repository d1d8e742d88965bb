//! A client that belongs to somebody else, from its making to its end, on a SQLite file.

use super::{BASE, Ground, Node, Wishes};
use crate::support::Reply;
use http::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn timers(node: &Node, expected: &[u64]) {
    let began = Instant::now();
    loop {
        let armed = node.gateway.gateway.drift_timers();
        let seconds: Vec<u64> = armed.iter().map(|(_, every)| every.as_secs()).collect();
        if seconds == expected {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{seconds:?} is not {expected:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// As somebody with a key for all data.
async fn data(node: &Node, key: &str, method: Method, path: &str, body: &Value) -> Reply {
    let headers = [("x-athena-client", "theirs"), ("apikey", key)];
    node.gateway.call(method, path, &headers, &body.to_string()).await
}

fn every(seconds: u64, allow_writes: bool) -> Value {
    json!({ "allowWrites": allow_writes, "validation": { "checkIntervalMs": seconds * 1000 } })
}

#[tokio::test]
async fn check_66_and_10_an_external_client_is_edited_and_removed_with_its_timer_and_imports() {
    let ground = Ground::lay().await;
    let node = Node::start(&ground, Wishes::default()).await;
    node.gateway.gateway.federate().await.unwrap();
    node.gateway.gateway.watch_drift();
    let path = ground.file("theirs.db", "one").await;
    let made = json!({
        "name": "theirs", "driver": "sqlite", "schemaMode": "external",
        "config": { "filename": path.to_str().unwrap() }, "external": every(60, false),
    });
    node.made(made).await;
    timers(&node, &[60]).await;
    let own = format!("{BASE}/theirs");
    let import = json!({ "name": "things", "rename": { "v": "value" }, "writable": true });
    let imported =
        node.call(Method::POST, &format!("{own}/external/tables/t/import"), import).await;
    assert_eq!(imported.status, 201, "{imported:?}");
    assert_eq!(imported.body["data"]["object"]["effectiveWritable"], false);
    let key = node.key(&["gateway.*"]).await;
    let fetch = json!({ "table_name": "things" });
    let read = data(&node, &key, Method::POST, "/gateway/fetch", &fetch).await;
    assert_eq!(read.body["data"], json!([{ "value": "one" }]), "{read:?}");
    let insert = json!({ "table_name": "things", "insert_body": { "value": "two" } });
    let refused = data(&node, &key, Method::PUT, "/gateway/insert", &insert).await;
    assert_eq!((refused.status, refused.refusal().1), (403, "EXTERNAL_WRITE_FORBIDDEN"));
    // SQL is only read, too, whatever the kind of database.
    let sql = json!({ "query": "insert into t values ('three')" });
    let refused = data(&node, &key, Method::POST, "/gateway/query", &sql).await;
    assert_eq!((refused.status, refused.refusal().1), (403, "EXTERNAL_WRITE_FORBIDDEN"));

    let edit = json!({ "external": every(90, true) });
    assert_eq!(node.call(Method::PATCH, &own, edit).await.status, 200);
    timers(&node, &[90]).await;
    let written = data(&node, &key, Method::PUT, "/gateway/insert", &insert).await;
    assert_eq!(written.status, 200, "{written:?}");
    let read = data(&node, &key, Method::POST, "/gateway/fetch", &fetch).await;
    assert_eq!(read.body["data"], json!([{ "value": "one" }, { "value": "two" }]), "{read:?}");

    let refused = node.call(Method::DELETE, &own, Value::Null).await;
    assert_eq!(refused.refusal().1, "DATASOURCE_BOUND");
    let bound = json!([{ "kind": "imported_resources", "count": 1, "names": ["things"] }]);
    assert_eq!(refused.body["details"]["bound"], bound);
    let gone =
        node.call(Method::DELETE, &format!("{own}/external/objects/things"), Value::Null).await;
    assert_eq!(gone.status, 200, "{gone:?}");
    assert_eq!(node.call(Method::DELETE, &own, Value::Null).await.status, 204);
    timers(&node, &[]).await;
    node.stop().await;
}
