//! Clients that differ from the settings, by a document that applies at once and everywhere.

use crate::office::{Office, admin, until};
use crate::support::{Reply, TestGateway};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const CONFIGS: &str = "/admin/client-configs";
const SHOP: &str = "/admin/client-configs/shop";

async fn put(office: &Office, config: Value) -> Reply {
    office.admin(Method::PUT, SHOP, &json!({ "config": config })).await
}

async fn ask(node: &TestGateway, key: &str, method: Method, path: &str, body: &Value) -> Reply {
    let headers = [("x-athena-client", "shop"), ("x-athena-key", key)];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    node.call(method, path, &headers, &body).await
}

#[tokio::test]
async fn a_read_only_client_is_written_to_through_no_door_and_read_through_all() {
    let office = Office::build().await;
    let key = office.key(&["*"]).await;
    assert_eq!(put(&office, json!({"flags": {"read_only": true}})).await.status, 200);
    let row = json!({"id": 9, "name": "Dhow"});
    let insert = json!({"table_name": "ships", "insert_body": row});
    for (method, path, body) in [
        (Method::PUT, "/gateway/insert", insert.clone()),
        (
            Method::POST,
            "/gateway/update",
            json!({"table_name": "ships", "set": {"name": "x"}, "conditions": [{"eq_column": "id", "eq_value": 1}]}),
        ),
        (Method::DELETE, "/gateway/delete", json!({"table_name": "ships", "resource_id": 1})),
        (Method::POST, "/gateway/query", json!({"query": "delete from ships"})),
        (Method::POST, "/gateway/sql", json!({"query": "delete from ships"})),
        (Method::POST, "/rpc/launch", json!({"name": "Dhow"})),
        (
            Method::POST,
            "/gateway/transaction",
            json!({"operations": [{"kind": "insert", "payload": {"table_name": "ships", "insert_body": row}}]}),
        ),
        (Method::POST, "/rest/v1/ships", row.clone()),
        (Method::PATCH, "/rest/v1/ships?id=eq.1", json!({"name": "x"})),
        (Method::DELETE, "/rest/v1/ships?id=eq.1", Value::Null),
        (Method::POST, "/rest/v1/rpc/launch", json!({"name": "Dhow"})),
    ] {
        let reply = ask(&office.node, &key, method.clone(), path, &body).await;
        assert_eq!(
            (reply.status, &reply.body["code"]),
            (403, &json!("client_read_only")),
            "{method} {path} {reply:?}"
        );
    }
    for (path, body) in [
        ("/gateway/fetch", json!({"table_name": "ships"})),
        ("/gateway/query", json!({"query": "select count(*) from ships"})),
        ("/rpc/fleet", json!({})),
    ] {
        assert_eq!(ask(&office.node, &key, Method::POST, path, &body).await.status, 200, "{path}");
    }
    let rest = ask(&office.node, &key, Method::GET, "/rest/v1/ships?select=id", &Value::Null).await;
    assert_eq!(rest.body, json!([{"id": 1}, {"id": 2}, {"id": 3}]));
    // Without its document it is as the settings say.
    assert_eq!(office.admin(Method::DELETE, SHOP, &Value::Null).await.status, 200);
    let written = ask(&office.node, &key, Method::PUT, "/gateway/insert", &insert).await;
    assert_eq!(written.status, 200, "{written:?}");
}

#[tokio::test]
async fn another_node_follows_within_a_second() {
    let office = Office::build().await;
    let second = office.second().await;
    let key = office.key(&["gateway.read"]).await;
    let body = json!({"table_name": "ships", "limit": 100});
    let rows = async |node: &TestGateway| {
        let reply = ask(node, &key, Method::POST, "/gateway/fetch", &body).await;
        reply.body["data"].as_array().map_or(0, Vec::len)
    };
    until(Duration::from_secs(5), async || rows(&second).await == 3).await;
    // The feed has to be listening before it can hear.
    put(&office, json!({"limits": {"max_rows": 2}})).await;
    until(Duration::from_secs(5), async || rows(&second).await == 2).await;
    for (limit, expected) in [(1, 1), (3, 3), (2, 2)] {
        put(&office, json!({"limits": {"max_rows": limit}})).await;
        assert_eq!(rows(&office.node).await, expected, "who changes it sees it at once");
        until(Duration::from_secs(1), async || rows(&second).await == expected).await;
    }
}

#[tokio::test]
async fn each_part_of_a_document_is_in_force_at_once() {
    let office = Office::build().await;
    let key = office.key(&["*"]).await;
    let post =
        async |path: &str, body: Value| ask(&office.node, &key, Method::POST, path, &body).await;
    put(&office, json!({"timeouts": {"statement_ms": 200}})).await;
    let slow = post("/gateway/query", json!({"query": "select pg_sleep(5)"})).await;
    assert_eq!(slow.status, 504, "{slow:?}");
    put(&office, json!({"timeouts": {"resilience_secs": 1}})).await;
    let slow = post("/gateway/query", json!({"query": "select pg_sleep(5)"})).await;
    assert_eq!(slow.status, 504, "{slow:?}");
    let crew = json!({"table_name": "crew"});
    let member = async || {
        let reply = post("/gateway/fetch", crew.clone()).await;
        let row = reply.body["data"][0].as_object().unwrap().clone();
        row.into_iter().find(|(_, value)| value == "Iolcus").unwrap().0
    };
    assert_eq!(member().await, "home_port");
    put(&office, json!({"flags": {"response_case": "camel"}})).await;
    assert_eq!(member().await, "homePort", "also where the same was asked before");
    put(&office, json!({"retries": {"read_max": 0}})).await;
    assert_eq!(member().await, "home_port", "what a document leaves out is as the settings say");
    put(&office, json!({"cache": {"enabled": false}})).await;
    for _ in 0..2 {
        let reply = post("/gateway/fetch", json!({"table_name": "ships"})).await;
        assert_eq!(reply.header("x-athena-cache-outcome"), None, "nothing is looked for");
    }
    put(&office, json!({"cache": {"ttl_secs": 1}})).await;
    let outcome = async || {
        let reply = post("/gateway/fetch", json!({"table_name": "ships", "limit": 1})).await;
        reply.header("x-athena-cache-outcome").unwrap_or_default().to_owned()
    };
    assert_eq!(outcome().await, "miss_all_tiers");
    until(Duration::from_secs(3), async || outcome().await == "hit_local").await;
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    assert_eq!(outcome().await, "miss_all_tiers", "a second later it is asked for anew");
    put(&office, json!({"rest": {"postgrest_mode": false}})).await;
    let older =
        ask(&office.node, &key, Method::GET, "/rest/v1/ships?select=id", &Value::Null).await;
    assert!(older.body.get("data").is_some(), "{older:?}");
}

#[tokio::test]
async fn documents_are_shown_seeded_and_refused_by_the_path_of_what_is_wrong() {
    let office = Office::build().await;
    let shown = office.data_of(Method::GET, SHOP, &Value::Null).await;
    assert_eq!((&shown["source"], &shown["client_name"]), (&json!("config.yaml"), &json!("shop")));
    assert_eq!(shown["config"]["limits"]["max_rows"], 10_000);
    assert_eq!(shown["config"]["flags"]["read_only"], false);
    let unknown = office.admin(Method::GET, "/admin/client-configs/nobody", &Value::Null).await;
    assert_eq!((unknown.status, &unknown.body["code"]), (404, &json!("unknown_client_config")));
    for (path, body, code, field) in [
        (SHOP, json!({}), "missing_field", "config"),
        (SHOP, json!({"config": []}), "invalid_field", "config"),
        (
            SHOP,
            json!({"config": {"flags": {"raed_only": true}}}),
            "unknown_field",
            "flags.raed_only",
        ),
        (
            SHOP,
            json!({"config": {"pool": {"max_connections": 0}}}),
            "invalid_field",
            "pool.max_connections",
        ),
        (SHOP, json!({"config": {}, "metadta": {}}), "unknown_field", "metadta"),
        (SHOP, json!({"config": {}, "metadata": 7}), "invalid_field", "metadata"),
    ] {
        let reply = office.admin(Method::PUT, path, &body).await;
        assert_eq!((reply.status, &reply.body["code"]), (400, &json!(code)), "{body} {reply:?}");
        assert_eq!(reply.body["details"]["field"], field, "{body} {reply:?}");
    }
    let nobody =
        office.admin(Method::PUT, "/admin/client-configs/nobody", &json!({"config": {}})).await;
    assert_eq!((nobody.status, &nobody.body["code"]), (400, &json!("unknown_client")));
    put(&office, json!({"limits": {"max_rows": 7}})).await;
    let seed = "/admin/client-configs/seed-from-config";
    let seeded = office.data_of(Method::POST, seed, &Value::Null).await;
    assert_eq!((&seeded["seeded_count"], &seeded["skipped"]), (&json!(0), &json!(["shop"])));
    let kept = office.data_of(Method::GET, SHOP, &Value::Null).await;
    assert_eq!(
        (&kept["source"], &kept["config"]["limits"]["max_rows"]),
        (&json!("database"), &json!(7))
    );
    let seeded = office.data_of(Method::POST, seed, &json!({"overwrite": true})).await;
    assert_eq!(seeded["clients"], json!(["shop"]));
    let kept = office.data_of(Method::GET, SHOP, &Value::Null).await;
    assert_eq!(kept["config"]["limits"]["max_rows"], 10_000, "as the settings have it");
    let all = office.data_of(Method::GET, CONFIGS, &Value::Null).await;
    assert_eq!(all["configs"].as_array().unwrap().len(), 1);
    office.admin(Method::DELETE, SHOP, &Value::Null).await;
    let gone = office.admin(Method::DELETE, SHOP, &Value::Null).await;
    assert_eq!((gone.status, &gone.body["code"]), (404, &json!("unknown_client_config")));
    let trail =
        admin(&office.node, Method::GET, "/admin/audit?action=client_config", &Value::Null).await;
    let actions: Vec<&Value> =
        trail.body["data"]["rows"].as_array().unwrap().iter().map(|row| &row["action"]).collect();
    assert_eq!(actions, ["client_config.deleted", "client_config.seeded", "client_config.put"]);
}
