//! Checks 34 to 40: connections that come, go and change.

use super::*;
use std::cell::Cell;
use tokio::net::TcpListener;

async fn values(node: &Node, name: &str, key: &str) -> Value {
    let reply = node.fetch(name, key).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.body["data"].clone()
}

#[tokio::test]
async fn a_client_can_be_used_at_once_and_on_the_other_nodes_within_a_second() {
    let (ground, node) = alone().await;
    let other = Node::start(&ground, Wishes::default()).await;
    let key = node.key(&["gateway.*"]).await;
    let path = ground.file("shop.db", "here").await;
    node.made(sqlite("till", &path)).await;
    assert_eq!(values(&node, "till", &key).await, json!([{ "v": "here" }]));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(values(&other, "till", &key).await, json!([{ "v": "here" }]));
    let names = node.call(Method::GET, "/schema/clients", Value::Null).await;
    assert!(names.text.contains("\"till\""), "{}", names.text);
    let cluster = node.call(Method::GET, "/health/cluster", Value::Null).await;
    assert!(cluster.text.contains("\"till\""), "{}", cluster.text);
    node.delete("till").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(other.fetch("till", &key).await.refusal().1, "client_deleted");
    other.stop().await;
    node.stop().await;
}

#[tokio::test]
async fn a_client_that_is_led_elsewhere_fails_no_request() {
    let (_ground, node) = alone().await;
    let (one, two) = (TestDatabase::create().await, TestDatabase::create().await);
    one.run("create table t (v text); insert into t values ('one')").await;
    two.run("create table t (v text); insert into t values ('two')").await;
    node.made(json!({ "name": "crm", "driver": "pg", "config": postgres(&one) })).await;
    let key = node.key(&["*"]).await;
    let headers = [("x-athena-client", "crm"), ("apikey", key.as_str())];
    // One that began before and is slow, and a stream of others.
    let slow = r#"{"query":"select v, pg_sleep(1.5) from t"}"#;
    let slow = node.gateway.call(Method::POST, "/gateway/query", &headers, slow);
    let is_changed = Cell::new(false);
    let stream = async {
        let (mut seen, mut after) = (Vec::new(), 0);
        while after < 50 {
            after += u32::from(is_changed.get());
            seen.push(values(&node, "crm", &key).await[0]["v"].clone());
        }
        seen
    };
    let change = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let changed = node.patch("crm", json!({ "config": postgres(&two) })).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        assert_eq!(changed.body["data"]["datasource"]["status"], "ok");
        is_changed.set(true);
        values(&node, "crm", &key).await
    };
    let (slow, seen, after) = tokio::join!(slow, stream, change);
    assert_eq!(slow.status, 200, "{slow:?}");
    assert_eq!(slow.body["data"][0]["v"], "one");
    assert_eq!(after, json!([{ "v": "two" }]));
    let turned = seen.iter().position(|value| value == "two").expect("traffic moved");
    assert!(turned > 0 && seen[turned..].iter().all(|value| value == "two"), "{seen:?}");
    // The old pool goes when its last request is through.
    let mut left = 1;
    for _ in 0..60 {
        let mut connection = two.connect().await;
        left = sqlx::query_scalar("select count(*) from pg_stat_activity where datname = $1")
            .bind(one.name())
            .fetch_one(&mut connection)
            .await
            .unwrap();
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(left, 0i64);
    node.stop().await;
}

#[tokio::test]
async fn a_client_that_is_not_active_takes_no_requests_until_it_is() {
    let (ground, node) = alone().await;
    let key = node.key(&["gateway.*"]).await;
    let path = ground.file("shop.db", "here").await;
    node.made(sqlite("till", &path)).await;
    assert_eq!(
        node.patch("till", json!({ "active": false })).await.body["data"]["datasource"]["status"],
        "inactive"
    );
    let refused = node.fetch("till", &key).await;
    assert_eq!((refused.status, refused.refusal().1), (503, "client_inactive"));
    assert_eq!(node.patch("till", json!({ "active": true })).await.status, 200);
    assert_eq!(values(&node, "till", &key).await, json!([{ "v": "here" }]));
    node.call(Method::PUT, "/admin/clients/till/freeze", json!({ "is_frozen": true })).await;
    let refused = node.fetch("till", &key).await;
    assert_eq!((refused.status, refused.refusal().1), (503, "client_frozen"));
    // A name that nobody has heard of is something else.
    assert_eq!(node.fetch("nowhere", &key).await.refusal().1, "unknown_client");
    node.stop().await;
}

#[tokio::test]
async fn a_restart_brings_clients_back_with_their_secrets() {
    let ground = Ground::lay().await;
    let other = TestDatabase::create().await;
    other.run("create table t (v text); insert into t values ('back')").await;
    let key = MasterKey::generate().unwrap();
    let node = Node::start(&ground, Wishes { key: Some(key.clone()), ..Wishes::default() }).await;
    let body =
        json!({ "name": "crm", "driver": "pg", "config": postgres(&other), "secret": "hunter2" });
    assert_eq!(node.made(body).await["status"], "ok");
    let reader = node.key(&["gateway.*"]).await;
    node.stop().await;
    let node = Node::start(&ground, Wishes { key: Some(key), ..Wishes::default() }).await;
    assert_eq!(values(&node, "crm", &reader).await, json!([{ "v": "back" }]));
    assert_eq!(node.shown("crm").await["hasSecret"], true);
    node.stop().await;
}

#[tokio::test]
async fn a_client_of_a_variable_follows_it_and_its_value_is_kept_nowhere() {
    let ground = Ground::lay().await;
    let other = TestDatabase::create().await;
    other.run("create table t (v text); insert into t values ('there')").await;
    let variables = vec![("CRM_URI", other.uri().to_owned())];
    let node = Node::start(&ground, Wishes { variables, ..Wishes::default() }).await;
    let body = json!({ "client_name": "crm", "pg_uri_env_var": "CRM_URI" });
    let made = node.call(Method::POST, "/admin/clients", body).await;
    assert_eq!(
        (made.status, &made.body["data"]["client"]["status"]),
        (201, &json!("ok")),
        "{made:?}"
    );
    let key = node.key(&["gateway.*"]).await;
    assert_eq!(values(&node, "crm", &key).await, json!([{ "v": "there" }]));
    let named = "select count(*) from athena_clients where client_name = 'crm' and pg_uri is null and config = '{}'";
    assert_eq!(ground.ask(named).await, 1);
    let body = json!({ "client_name": "erp", "pg_uri_env_var": "NOT_SET" });
    let made = node.call(Method::POST, "/admin/clients", body).await;
    assert_eq!(
        made.body["data"]["client"]["statusReason"],
        "the environment variable NOT_SET is not set"
    );
    node.stop().await;
}

#[tokio::test]
async fn a_dead_client_delays_neither_the_start_nor_the_others() {
    let (ground, node) = alone().await;
    let path = ground.file("shop.db", "here").await;
    // It takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    node.made(sqlite("till", &path)).await;
    for number in 0..12 {
        let sql = format!(
            "insert into athena_clients (client_name, driver, config) values \
             ('dead_{number}', 'postgres', '{{\"host\": \"127.0.0.1\", \"port\": {port}}}')"
        );
        ground.database.run(&sql).await;
    }
    let key = node.key(&["gateway.*"]).await;
    node.stop().await;
    let began = Instant::now();
    let node = Node::start(&ground, Wishes::default()).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(values(&node, "till", &key).await, json!([{ "v": "here" }]));
    assert_eq!(node.fetch("dead_3", &key).await.refusal().0, 503);
    node.stop().await;
}

#[tokio::test]
async fn a_client_that_could_not_be_reached_comes_back_by_itself() {
    let (ground, node) = alone().await;
    let folder = ground.folder.path().join("later");
    let made = node.made(sqlite("till", &folder.join("shop.db"))).await;
    assert_eq!(made["status"], "error", "{made}");
    assert!(made["statusReason"].is_string());
    std::fs::create_dir(&folder).unwrap();
    node.until("till", "ok").await;
    node.stop().await;
}

#[tokio::test]
async fn a_place_that_the_policy_forbids_is_blocked_and_nobody_goes_there() {
    let ground = Ground::lay().await;
    let path = ground.file("shop.db", "here").await;
    let policy = Arc::new(HostPolicy {
        allowed_hosts: vec!["127.0.0.1".to_owned()],
        allowed_folders: vec![ground.folder.path().join("elsewhere")],
    });
    let node = Node::start(&ground, Wishes { policy, ..Wishes::default() }).await;
    let metadata =
        json!({ "name": "meta", "driver": "pg", "config": { "host": "169.254.169.254" } });
    let other = json!({ "name": "far", "driver": "pg", "config": { "host": "10.0.0.1" } });
    for body in [metadata, other, sqlite("till", &path)] {
        let name = body["name"].as_str().unwrap().to_owned();
        let made = node.made(body.clone()).await;
        assert_eq!(made["status"], "blocked", "{made}");
        let tried = node.call(Method::POST, &format!("{BASE}/{name}/test"), Value::Null).await;
        assert_eq!(tried.body["data"]["result"]["ok"], false);
        let key = node.key(&["gateway.*"]).await;
        let refused = node.fetch(&name, &key).await;
        assert_eq!((refused.status, refused.refusal().1), (503, "client_blocked"));
        assert!(!refused.text.contains("169.254") && !refused.text.contains("10.0.0.1"));
    }
    node.stop().await;
}

#[tokio::test]
async fn a_client_gets_another_pool_on_every_node_and_no_request_fails() {
    let (ground, node) = alone().await;
    let other = Node::start(&ground, Wishes::default()).await;
    let data = TestDatabase::create().await;
    data.run("create table t (v text); insert into t values ('here')").await;
    node.made(json!({ "name": "crm", "driver": "pg", "config": postgres(&data) })).await;
    let key = node.key(&["gateway.*"]).await;
    let limit = async |node: &Node| {
        let health = node.call(Method::GET, "/health", Value::Null).await;
        let all = health.body["data"]["pools"].as_array().unwrap().clone();
        let crm = all.into_iter().find(|one| one["client"] == "crm").unwrap_or_default();
        let pools = crm["pools"].as_array().cloned().unwrap_or_default();
        pools.iter().filter_map(|pool| pool["limit"].as_u64()).sum::<u64>()
    };
    assert_ne!(limit(&node).await, 3);
    let asking = async {
        let began = Instant::now();
        while began.elapsed() < Duration::from_millis(1_500) {
            assert_eq!(values(&node, "crm", &key).await, json!([{ "v": "here" }]));
        }
    };
    let change = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let config = json!({ "config": { "pool": { "max_connections": 3 } } });
        let put = node.call(Method::PUT, "/admin/client-configs/crm", config).await;
        assert_eq!(put.status, 200, "{put:?}");
        assert_eq!(limit(&node).await, 3, "who changes it has it at once");
    };
    tokio::join!(asking, change);
    let began = Instant::now();
    while limit(&other).await != 3 {
        assert!(began.elapsed() < Duration::from_secs(10), "the other node never heard of it");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // While it has a configuration, the client is not removed.
    assert_eq!(node.delete("crm").await.status, 409);
    node.call(Method::DELETE, "/admin/client-configs/crm", Value::Null).await;
    assert_ne!(limit(&node).await, 3);
    other.stop().await;
    node.stop().await;
}
