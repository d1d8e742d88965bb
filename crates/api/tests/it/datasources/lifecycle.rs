//! Checks 1 to 13: from making to removing.

use super::*;
use axum::Router;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

#[tokio::test]
async fn the_list_shows_clients_of_the_configuration_and_of_the_run_time() {
    let (_ground, node) = alone().await;
    node.made(memory("crm")).await;
    let listed = node.call(Method::GET, BASE, Value::Null).await;
    let all = listed.body["data"]["datasources"].as_array().unwrap().clone();
    let told: Vec<_> = all.iter().map(|one| (one["name"].clone(), one["origin"].clone())).collect();
    assert_eq!(told, [(json!("crm"), json!("runtime")), (json!("fixed"), json!("config"))]);
    assert_eq!(all[1]["definedIn"], "config.yaml: clients.fixed");
    for hidden in ["config", "hasSecret", "credentialsRef"] {
        assert!(all.iter().all(|one| one.get(hidden).is_none()), "{hidden}");
    }
    // The older door shows the same.
    let older = node.call(Method::GET, "/admin/clients", Value::Null).await;
    let clients = older.body["data"]["clients"].as_array().unwrap();
    assert_eq!(
        (&clients[0]["client_name"], &clients[0]["source"]),
        (&json!("crm"), &json!("database"))
    );
    assert_eq!(older.body["data"]["runtime"][0]["pool_connected"], true);
    node.stop().await;
}

#[tokio::test]
async fn a_client_that_is_made_is_of_the_run_time_and_says_where_it_is() {
    let (_ground, node) = alone().await;
    let reply =
        node.create(json!({ "name": "crm", "driver": "in-memory", "label": "Sales" })).await;
    assert_eq!((reply.status, reply.header("location")), (201, Some("/api/v1/datasources/crm")));
    assert_eq!(reply.header("etag"), Some("\"1\""));
    let made = &reply.body["data"]["datasource"];
    assert_eq!((&made["origin"], &made["driver"]), (&json!("runtime"), &json!("memory")));
    assert_eq!((&made["label"], &made["status"]), (&json!("Sales"), &json!("ok")));
    assert_eq!(made["createdBy"], "admin");
    assert_eq!(node.shown("crm").await["capabilities"]["transactions"], true);
    node.stop().await;
}

#[tokio::test]
async fn a_name_that_is_taken_is_a_conflict() {
    let (_ground, node) = alone().await;
    node.made(memory("crm")).await;
    for name in ["crm", "fixed"] {
        let refused = node.create(memory(name)).await;
        assert_eq!((refused.status, &refused.body["code"]), (409, &json!("DATASOURCE_EXISTS")));
    }
    node.stop().await;
}

#[tokio::test]
async fn a_name_with_the_wrong_letters_is_refused_with_its_reason() {
    let (_ground, node) = alone().await;
    for name in ["Crm", "1crm", "c-rm", ""] {
        let refused = node.create(memory(name)).await;
        assert_eq!((refused.status, &refused.body["code"]), (400, &json!("INVALID_DATASOURCE")));
        assert_eq!(refused.body["details"]["issues"][0]["path"], "name", "{name}");
    }
    node.stop().await;
}

#[tokio::test]
async fn a_name_that_the_server_keeps_for_itself_is_refused() {
    let (_ground, node) = alone().await;
    for name in ["default", "test", "drivers", "athena_logging"] {
        let refused = node.create(memory(name)).await;
        assert_eq!((refused.status, &refused.body["code"]), (400, &json!("INVALID_DATASOURCE")));
        assert_eq!(refused.body["details"]["issues"][0]["message"], "is reserved", "{name}");
    }
    node.stop().await;
}

#[tokio::test]
async fn a_client_of_the_configuration_is_not_changed_here() {
    let (_ground, node) = alone().await;
    let refused = node.patch("fixed", json!({ "label": "mine" })).await;
    assert_eq!((refused.status, &refused.body["code"]), (400, &json!("DATASOURCE_READ_ONLY")));
    let body = json!({ "description": "mine" });
    let refused = node.call(Method::PATCH, "/admin/clients/fixed", body).await;
    assert_eq!((refused.status, &refused.body["code"]), (400, &json!("DATASOURCE_READ_ONLY")));
    node.stop().await;
}

#[tokio::test]
async fn a_client_of_the_configuration_is_not_removed_but_may_be_frozen() {
    let (ground, node) = alone().await;
    let refused = node.delete("fixed").await;
    assert_eq!((refused.status, &refused.body["code"]), (400, &json!("DATASOURCE_READ_ONLY")));
    let key = node.key(&["gateway.*"]).await;
    let freeze = |is_frozen: bool| {
        let body = json!({ "is_frozen": is_frozen });
        node.call(Method::PUT, "/admin/clients/fixed/freeze", body)
    };
    assert_eq!(freeze(true).await.body["data"]["client"]["status"], "frozen");
    assert_eq!(node.fetch("fixed", &key).await.refusal().1, "client_frozen");
    assert_eq!(freeze(false).await.status, 200);
    // There is no table, but there is a database again.
    assert_eq!(node.fetch("fixed", &key).await.refusal().1, "unknown_table");
    // Of where it leads, nothing is written down.
    let rows = "select count(*) from athena_clients where client_name = 'fixed' and origin = 'config' \
                and pg_uri is null and pg_uri_env_var = 'FIXED_URI' and config = '{}'";
    assert_eq!(ground.ask(rows).await, 1);
    node.stop().await;
}

/// An answer on a connection that stays open.
async fn exchange(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let count = stream.read(&mut piece).await.unwrap();
        assert!(count > 0, "the connection was closed");
        heard.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&heard);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head_low = head.to_ascii_lowercase();
            let length = head_low.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if body.len() >= length {
                assert_eq!(body.len(), length, "more than one answer");
                return text.into_owned();
            }
        }
    }
}

#[tokio::test]
async fn removing_answers_nothing_and_the_connection_goes_on() {
    let (_ground, node) = alone().await;
    node.made(memory("crm")).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback_service(node.gateway.router.clone());
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let mut stream = TcpStream::connect(address).await.unwrap();
    let ask = |method: &str, path: &str| {
        format!("{method} {path} HTTP/1.1\r\nhost: x\r\nx-athena-key: {ADMIN}\r\n\r\n")
    };
    let gone = exchange(&mut stream, &ask("DELETE", &format!("{BASE}/crm"))).await;
    assert!(gone.starts_with("HTTP/1.1 204 "), "{gone}");
    let (head, body) = gone.split_once("\r\n\r\n").unwrap();
    assert!(body.is_empty() && !head.to_ascii_lowercase().contains("transfer-encoding"), "{gone}");
    let next = exchange(&mut stream, &ask("GET", &format!("{BASE}/crm"))).await;
    assert!(next.starts_with("HTTP/1.1 404 ") && next.contains("DATASOURCE_NOT_FOUND"), "{next}");
    serving.abort();
    node.stop().await;
}

#[tokio::test]
async fn a_hundred_clients_removed_in_a_row_leave_the_server_up() {
    let (ground, node) = alone().await;
    for number in 0..100 {
        let name = format!("crm_{number}");
        node.made(json!({ "name": name, "driver": "oracle" })).await;
        assert_eq!(node.delete(&name).await.status, 204);
    }
    assert_eq!(
        ground.ask("select count(*) from athena_clients where deleted_at is not null").await,
        100
    );
    assert_eq!(node.call(Method::GET, "/health", Value::Null).await.status, 200);
    let key = node.key(&["gateway.*"]).await;
    assert_eq!(node.fetch("crm_7", &key).await.refusal().1, "client_deleted");
    // Its name comes back to life with the next of that name, as a newer version.
    assert!(node.made(memory("crm_7")).await["version"].as_i64() > Some(1));
    node.stop().await;
}

#[tokio::test]
async fn what_is_still_used_is_not_removed_and_its_users_are_named() {
    let (ground, node) = alone().await;
    node.made(memory("crm")).await;
    let wanted = json!({ "name": "reports", "client_name": "crm", "rights": ["gateway.read"] });
    let made = node.call(Method::POST, "/admin/api-keys", wanted).await;
    ground.database.run("insert into api_key_client_config (client_name) values ('CRM')").await;
    for refused in [
        node.delete("crm").await,
        node.call(Method::DELETE, "/admin/clients/crm", Value::Null).await,
    ] {
        assert_eq!((refused.status, &refused.body["code"]), (409, &json!("DATASOURCE_BOUND")));
        let bound = json!([
            { "kind": "api_keys", "count": 1, "names": ["reports"] },
            { "kind": "api_key_client_config", "count": 1, "names": ["CRM"] },
        ]);
        assert_eq!(refused.body["details"]["bound"], bound);
        assert!(refused.body["error"].as_str().unwrap().contains("reports"));
    }
    ground.database.run("delete from api_key_client_config").await;
    let id = made.body["data"]["record"]["id"].as_str().unwrap();
    node.call(Method::DELETE, &format!("/admin/api-keys/{id}"), Value::Null).await;
    assert_eq!(node.delete("crm").await.status, 204);
    node.stop().await;
}

#[tokio::test]
async fn the_configuration_wins_over_a_client_of_the_same_name_and_says_so() {
    let (ground, node) = alone().await;
    node.made(memory("crm")).await;
    assert!(node.shown("crm").await.get("conflictsWithCode").is_none());
    node.stop().await;
    let wishes = Wishes { configured: vec!["crm"], ..Wishes::default() };
    let node = Node::start(&ground, wishes).await;
    let shown = node.shown("crm").await;
    assert_eq!((&shown["origin"], &shown["conflictsWithCode"]), (&json!("config"), &json!(true)));
    let listed = node.call(Method::GET, BASE, Value::Null).await;
    assert_eq!(listed.body["data"]["datasources"].as_array().unwrap().len(), 1);
    node.stop().await;
}

#[tokio::test]
async fn a_change_of_what_somebody_else_changed_before_is_refused() {
    let (_ground, node) = alone().await;
    node.made(memory("crm")).await;
    let path = format!("{BASE}/crm");
    let change = |tag: &'static str, label: &'static str| {
        let path = path.clone();
        let node = &node;
        async move {
            node.call_with(Method::PATCH, &path, &[("if-match", tag)], json!({ "label": label }))
                .await
        }
    };
    let changed = change("\"1\"", "one").await;
    assert_eq!((changed.status, changed.header("etag")), (200, Some("\"2\"")));
    for stale in ["\"1\"", "W/\"2\"", "2", "\"x\""] {
        let refused = change(stale, "two").await;
        assert_eq!((refused.status, &refused.body["code"]), (412, &json!("DATASOURCE_CHANGED")));
    }
    assert_eq!(node.shown("crm").await["label"], "one");
    assert_eq!(change("*", "three").await.status, 200);
    node.stop().await;
}

#[tokio::test]
async fn a_member_that_is_not_known_is_refused_by_its_name() {
    let (ground, node) = alone().await;
    let body =
        json!({ "name": "crm", "driver": "postgres", "config": { "hots": "h" }, "banana": 1 });
    let refused = node.create(body).await;
    assert_eq!((refused.status, &refused.body["code"]), (400, &json!("INVALID_DATASOURCE")));
    let paths: Vec<_> = refused.body["details"]["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| issue["path"].clone())
        .collect();
    assert!(paths.contains(&json!("banana")) && paths.contains(&json!("config.hots")), "{paths:?}");
    let body = json!({ "client_name": "crm", "pg_uri": "postgres://h/d", "pg_url": "x" });
    let refused = node.call(Method::POST, "/admin/clients", body).await;
    assert_eq!(refused.body["details"]["issues"][0]["path"], "pg_url");
    let raw = node.gateway.call(Method::POST, BASE, &[("x-athena-key", ADMIN)], "{\"name\"").await;
    assert_eq!((raw.status, &raw.body["code"]), (400, &json!("INVALID_DATASOURCE")));
    assert_eq!(ground.ask("select count(*) from athena_clients where origin = 'runtime'").await, 0);
    node.stop().await;
}

#[tokio::test]
async fn clients_are_administered_with_the_admin_key_or_the_right_and_strangers_learn_nothing() {
    let (_ground, node) = alone().await;
    node.made(memory("crm")).await;
    let reader = node.key(&["datasources.read"]).await;
    let nobody = node.key(&["gateway.*", "*.read"]).await;
    let ask = |method: Method, path: &'static str, key: String| {
        let node = &node;
        async move {
            let body = if method == Method::GET { "" } else { "{}" };
            node.gateway.call(method, path, &[("x-athena-key", &key)], body).await.status
        }
    };
    for path in ["/api/v1/datasources/crm", "/api/v1/datasources/nowhere"] {
        assert_eq!(node.gateway.call(Method::GET, path, &[], "").await.status, 401);
        assert_eq!(ask(Method::GET, path, nobody.clone()).await, 403);
        assert_eq!(ask(Method::DELETE, path, reader.clone()).await, 403);
    }
    assert_eq!(ask(Method::GET, "/api/v1/datasources/crm", reader.clone()).await, 200);
    assert_eq!(ask(Method::GET, "/admin/clients", reader.clone()).await, 200);
    assert_eq!(ask(Method::POST, "/api/v1/datasources", reader).await, 403);
    node.stop().await;
}

#[tokio::test]
async fn a_key_of_one_client_administers_that_one_alone() {
    let (_ground, node) = alone().await;
    node.made(memory("crm")).await;
    node.made(memory("erp")).await;
    let wanted = json!({ "name": "k", "client_name": "crm", "rights": ["datasources.*"] });
    let made = node.call(Method::POST, "/admin/api-keys", wanted).await;
    let key = made.body["data"]["api_key"].as_str().unwrap().to_owned();
    let headers = [("x-athena-key", key.as_str())];
    let listed = node.gateway.call(Method::GET, BASE, &headers, "").await;
    assert_eq!(listed.body["data"]["datasources"].as_array().unwrap().len(), 1);
    let other = node.gateway.call(Method::GET, "/api/v1/datasources/erp", &headers, "").await;
    assert_eq!((other.status, &other.body["code"]), (403, &json!("api_key_client_mismatch")));
    let body = r#"{"name":"new","driver":"memory"}"#;
    for path in [BASE.to_owned(), format!("{BASE}/test")] {
        assert_eq!(node.gateway.call(Method::POST, &path, &headers, body).await.status, 403);
    }
    node.stop().await;
}

#[tokio::test]
async fn every_change_is_in_the_audit_trail_with_who_made_it() {
    let (ground, node) = alone().await;
    node.made(memory("crm")).await;
    node.patch("crm", json!({ "label": "Sales" })).await;
    node.call(Method::PUT, "/admin/clients/crm/freeze", json!({ "is_frozen": true })).await;
    node.delete("crm").await;
    let rows = "select count(*) from admin_audit where actor = 'admin' and subject = 'crm' and action in \
                ('client.created', 'client.updated', 'client.frozen', 'client.removed')";
    assert_eq!(ground.ask(rows).await, 4);
    let changed = "select count(*) from admin_audit where action = 'client.updated' \
                   and before::json ->> 'label' = 'crm' and after::json ->> 'label' = 'Sales'";
    assert_eq!(ground.ask(changed).await, 1);
    node.stop().await;
}

#[tokio::test]
async fn drivers_are_described_by_what_judges_them() {
    let (_ground, node) = alone().await;
    let listed = node.call(Method::GET, &format!("{BASE}/drivers"), Value::Null).await;
    let drivers = listed.body["data"]["drivers"].as_array().unwrap();
    let postgres = drivers.iter().find(|driver| driver["id"] == "postgres").unwrap();
    assert_eq!(
        (&postgres["supported"], &postgres["configSchema"]["additionalProperties"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(postgres["configSchema"]["properties"]["port"]["default"], 5432);
    let mongo = drivers.iter().find(|driver| driver["id"] == "mongodb").unwrap();
    assert_eq!(mongo["supported"], false);
    node.stop().await;
}

#[tokio::test]
async fn what_happens_to_clients_is_told_to_whoever_listens() {
    use http_body_util::BodyExt;
    use tower::ServiceExt;
    let (_ground, node) = alone().await;
    let request = http::Request::get(format!("{BASE}/events")).header("x-athena-key", ADMIN);
    let request = request.body(axum::body::Body::empty()).unwrap();
    let response = node.gateway.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    let mut heard = String::new();
    let _alive = body.frame().await.unwrap().unwrap();
    node.made(memory("crm")).await;
    while !heard.contains("event: client.created") {
        let frame = tokio::time::timeout(Duration::from_secs(5), body.frame()).await.unwrap();
        heard.push_str(std::str::from_utf8(frame.unwrap().unwrap().data_ref().unwrap()).unwrap());
    }
    assert!(heard.contains(r#""client":"crm""#), "{heard}");
    drop(body);
    node.stop().await;
}

#[tokio::test]
async fn a_client_tells_when_it_was_asked_last_on_any_node() {
    let ground = Ground::lay().await;
    let path = ground.file("shop.db", "here").await;
    let node = Node::start(&ground, Wishes::default()).await;
    let other = Node::start(&ground, Wishes::default()).await;
    node.made(sqlite("shop", &path)).await;
    node.made(memory("quiet")).await;
    other.until("shop", "ok").await;
    assert!(node.shown("shop").await.get("lastSeenAt").is_none());
    let key = node.key(&["gateway.read"]).await;
    assert_eq!(other.fetch("shop", &key).await.status, 200);
    // Somebody who is not let in has seen it, too; a name that is no client is seen by nobody.
    assert_eq!(other.fetch("nobody", &key).await.status, 400);
    other.gateway.gateway.request_log().unwrap().flush().await;
    let shown = node.shown("shop").await;
    let seen = shown["lastSeenAt"].as_str().unwrap().to_owned();
    assert!(seen.ends_with('Z') && seen.len() == "2031-01-01T00:00:00.000Z".len(), "{seen}");
    assert!(node.shown("quiet").await.get("lastSeenAt").is_none());
    let listed = node.call(Method::GET, "/admin/clients", Value::Null).await;
    let clients = listed.body["data"]["clients"].as_array().unwrap();
    let of = |name: &str| clients.iter().find(|one| one["client_name"] == name).unwrap();
    assert_eq!(of("shop")["last_seen_at"], seen);
    assert_eq!(of("quiet")["last_seen_at"], Value::Null);
    node.stop().await;
    other.stop().await;
}
