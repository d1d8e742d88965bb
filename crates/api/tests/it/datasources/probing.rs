//! Checks 14 to 18: trying a client.

use super::*;
use tokio::net::TcpListener;

async fn tried(node: &Node, body: Value) -> Value {
    let reply = node.call(Method::POST, &format!("{BASE}/test"), body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.body["data"]["result"].clone()
}

#[tokio::test]
async fn a_file_that_is_tried_answers_with_its_version() {
    let (ground, node) = alone().await;
    let path = ground.file("shop.db", "x").await;
    let result = tried(&node, json!({ "driver": "sqlite", "config": { "filename": path } })).await;
    assert_eq!(result["ok"], true, "{result}");
    assert!(result["serverVersion"].as_str().unwrap().contains("SQLite"), "{result}");
    assert!(result["latencyMs"].is_number() && result.get("tableCount").is_none());
    assert_eq!(ground.ask("select count(*) from athena_clients where origin = 'runtime'").await, 0);
    node.made(sqlite("till", &path)).await;
    let kept = node.call(Method::POST, &format!("{BASE}/till/test"), Value::Null).await;
    assert_eq!(
        (&kept.body["data"]["result"]["ok"], &kept.body["data"]["result"]["tableCount"]),
        (&json!(true), &json!(1))
    );
    let shown = node.shown("till").await;
    assert!(shown["latencyMs"].is_number() && shown["checkedAt"].is_string(), "{shown}");
    node.stop().await;
}

#[tokio::test]
async fn a_wrong_password_is_told_to_administrators_and_callers_hear_of_no_host() {
    let (_ground, node) = alone().await;
    let address = refusing().await;
    let config =
        json!({ "host": "127.0.0.1", "port": address.port(), "username": "me", "database": "d" });
    let body = json!({ "driver": "postgres", "config": config, "secret": "hunter2" });
    let result = tried(&node, body).await;
    assert_eq!(result["ok"], false);
    assert!(result["error"].as_str().unwrap().contains("28P01"), "{result}");
    let body =
        json!({ "name": "crm", "driver": "postgres", "config": config, "secret": "hunter2" });
    assert_eq!(node.made(body).await["status"], "error");
    assert!(node.shown("crm").await["statusReason"].is_string());
    let key = node.key(&["gateway.*"]).await;
    let refused = node.fetch("crm", &key).await;
    assert_eq!((refused.status, refused.refusal().1), (503, "client_unavailable"));
    let port = address.port().to_string();
    for hidden in ["127.0.0.1", "secret-host", "hunter2", "password", &port] {
        assert!(!refused.text.contains(hidden), "{hidden}: {}", refused.text);
    }
    node.stop().await;
}

/// A server that has no TLS; everything that was said to it.
async fn without_tls() -> (std::net::SocketAddr, Arc<std::sync::Mutex<Vec<u8>>>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    let all = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut said = [0; 1024];
            while let Ok(count @ 1..) = stream.read(&mut said).await {
                all.lock().unwrap().extend_from_slice(&said[..count]);
                if count == 8 && stream.write_all(b"N").await.is_err() {
                    break;
                }
            }
        }
    });
    (address, heard)
}

#[tokio::test]
async fn where_tls_is_demanded_nothing_is_said_to_a_server_that_has_none() {
    let (_ground, node) = alone().await;
    for mode in ["require", "verify-ca", "verify-full"] {
        let (address, heard) = without_tls().await;
        let url = format!("postgres://me@127.0.0.1:{}/d?sslmode={mode}", address.port());
        let body = json!({ "driver": "postgres", "config": { "url": url }, "secret": "hunter2" });
        assert_eq!(tried(&node, body).await["ok"], false, "{mode}");
        let heard = heard.lock().unwrap();
        // The question whether it has TLS, as often as it was asked.
        let question = [0, 0, 0, 8, 4, 210, 22, 47];
        assert!(!heard.is_empty(), "{mode}: nobody came");
        assert!(heard.chunks(8).all(|said| said == question), "{mode}: {heard:?}");
    }
    node.stop().await;
}

#[tokio::test]
async fn a_driver_that_is_not_offered_says_so_and_its_record_is_kept() {
    let (_ground, node) = alone().await;
    let body = json!({ "driver": "scylla", "config": { "hosts": ["db.example"] } });
    let result = tried(&node, body).await;
    assert_eq!(result["ok"], false);
    assert!(result["error"].as_str().unwrap().contains("scylladb is not offered"), "{result}");
    let body = json!({ "name": "wide", "driver": "scylla", "config": { "hosts": ["db.example"] } });
    let made = node.made(body).await;
    assert_eq!(made["status"], "error");
    assert!(made["statusReason"].as_str().unwrap().contains("not offered"), "{made}");
    let key = node.key(&["gateway.*"]).await;
    assert_eq!(node.fetch("wide", &key).await.refusal().1, "client_unavailable");
    node.stop().await;
}

#[tokio::test]
async fn a_probe_leaves_no_connection_behind() {
    let (ground, node) = alone().await;
    let other = TestDatabase::create().await;
    let result = tried(&node, json!({ "driver": "pg", "config": postgres(&other) })).await;
    assert_eq!(result["ok"], true, "{result}");
    let mut left = 1;
    for _ in 0..40 {
        let mut connection = ground.database.connect().await;
        left = sqlx::query_scalar("select count(*) from pg_stat_activity where datname = $1")
            .bind(other.name())
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
async fn an_address_that_never_answers_is_given_up_within_the_limit() {
    let (_ground, node) = alone().await;
    // It takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let body = json!({
        "driver": "postgres", "config": { "host": "127.0.0.1", "port": port },
        "schemaMode": "external", "external": { "queryTimeoutMs": 700 },
    });
    let began = Instant::now();
    let result = tried(&node, body).await;
    assert!(began.elapsed() < Duration::from_millis(2500), "{:?}", began.elapsed());
    assert_eq!(result["ok"], false);
    node.stop().await;
}
