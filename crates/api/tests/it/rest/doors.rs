//! Keys, other pages, older answers: what stands around the language.

use super::{TENANTS, ask, live, member};
use crate::{
    access::House,
    support::{TestGateway, client},
};
use backend_postgres::{Postgres, PostgresSettings};
use gateway::{ClientInfo, RestOptions, RestSettings};
use http::Method;
use serde_json::json;
use std::sync::Arc;
use test_support::TestDatabase;

/// The same database behind a gateway that demands keys.
pub(super) async fn guarded() -> (House, TestDatabase) {
    let database = TestDatabase::create().await;
    database.run(TENANTS).await;
    let house = House::build().await;
    let backend = Arc::new(Postgres::connect(&PostgresSettings::parse(database.uri()).unwrap()));
    let options = RestOptions { schemas: vec!["api".to_owned()], ..RestOptions::default() };
    let rest = Arc::new(RestSettings::new(options, None).unwrap());
    let info = ClientInfo { rest, ..ClientInfo::default() };
    let upstream = house.gateway.gateway.registry().add(client("shop"), backend, info);
    upstream.schema().await.unwrap();
    (house, database)
}

#[tokio::test]
async fn every_relation_that_is_touched_needs_a_right_of_the_key() {
    let (house, _database) = guarded().await;
    let (narrow, _) = house.key(&["api.projects.read"]).await;
    let (wide, _) = house.key(&["gateway.read", "gateway.rpc.execute"]).await;
    let ask = |method, path: &str, key: &str| {
        let (path, key) = (format!("/rest/v1{path}"), key.to_owned());
        let house = &house;
        // A key that is for one client names it.
        async move { house.gateway.call(method, &path, &[("apikey", &key)], "{}").await }
    };
    for (method, path, narrowly, widely) in [
        (Method::GET, "/projects?select=name", 200, 200),
        (Method::GET, "/projects?select=name,tasks(title)", 403, 200),
        (Method::GET, "/tasks", 403, 200),
        (Method::GET, "/no_such_table", 403, 404),
        (Method::GET, "/rpc/whoami", 403, 200),
        (Method::GET, "/rpc/no_such_function", 403, 404),
        (Method::POST, "/projects", 403, 403),
        (Method::PATCH, "/projects?id=eq.1", 403, 403),
        (Method::DELETE, "/projects?id=eq.1", 403, 403),
        (Method::GET, "", 403, 200),
        (Method::OPTIONS, "/projects", 200, 200),
    ] {
        let reply = ask(method.clone(), path, &narrow).await;
        assert_eq!(reply.status, narrowly, "{method} {path} {reply:?}");
        if narrowly == 403 {
            assert_eq!(reply.body["code"], "missing_right", "{method} {path}");
            assert!(!reply.text.contains("schema cache"), "{path} {}", reply.text);
        }
        let reply = ask(method.clone(), path, &wide).await;
        assert_eq!(reply.status, widely, "{method} {path} {reply:?}");
    }
    let stranger = house.gateway.call(Method::GET, "/rest/v1/projects", &[], "").await;
    assert_eq!((stranger.status, &stranger.body["code"]), (400, &json!("missing_client_header")));
    let headers = [("x-athena-client", "shop")];
    let stranger = house.gateway.call(Method::GET, "/rest/v1/projects", &headers, "").await;
    assert_eq!((stranger.status, &stranger.body["code"]), (401, &json!("api_key_required")));
    for member in ["code", "message", "details", "hint"] {
        assert!(stranger.body.get(member).is_some(), "{member} {stranger:?}");
    }
}

#[tokio::test]
async fn a_token_where_the_client_has_no_keys_for_tokens_is_told_so() {
    let (house, _database) = guarded().await;
    let (key, _) = house.key(&["gateway.read"]).await;
    let bearer = format!("Bearer {}", member("red"));
    let headers = [("apikey", key.as_str()), ("authorization", &bearer)];
    let reply = house.gateway.call(Method::GET, "/rest/v1/projects", &headers, "").await;
    assert_eq!((reply.status, &reply.body["code"]), (500, &json!("PGRST300")), "{reply:?}");
    // Libraries send the key itself as a bearer while nobody is signed in.
    let bearer = format!("Bearer {key}");
    let headers = [("apikey", key.as_str()), ("authorization", &bearer)];
    let reply = house.gateway.call(Method::GET, "/rest/v1/projects?select=id", &headers, "").await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[tokio::test]
async fn a_page_elsewhere_may_ask_before_and_options_tells_what_can_be_done() {
    let (gateway, _database) = live(false).await;
    let headers = [
        ("origin", "https://app.example"),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "apikey, prefer"),
    ];
    let before = gateway.call(Method::OPTIONS, "/rest/v1/projects", &headers, "").await;
    assert_eq!(before.status, 200);
    assert_eq!(before.header("access-control-allow-origin"), Some("*"));
    let allowed = before.header("access-control-allow-headers").unwrap();
    assert_eq!(allowed, "Authorization, apikey, prefer");
    assert!(before.header("access-control-allow-methods").unwrap().contains("PATCH"));
    let options = ask(&gateway, Method::OPTIONS, "/projects", None, &[], "").await;
    assert_eq!((options.status, options.text.as_str()), (200, ""));
    assert_eq!(options.header("allow"), Some("OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"));
}

/// Without keys and without tokens, as the owner of everything.
pub(super) async fn unguarded(options: RestOptions) -> (TestGateway, TestDatabase) {
    unguarded_after("", options).await
}

/// The same, with more in the database before anybody reads its schema.
pub(super) async fn unguarded_after(
    sql: &'static str,
    options: RestOptions,
) -> (TestGateway, TestDatabase) {
    let database = TestDatabase::create().await;
    database.run(TENANTS).await;
    database.run(sql).await;
    let gateway = TestGateway::caching();
    let backend = Arc::new(Postgres::connect(&PostgresSettings::parse(database.uri()).unwrap()));
    let options = RestOptions { schemas: vec!["api".to_owned()], ..options };
    let rest = Arc::new(RestSettings::new(options, None).unwrap());
    let info = ClientInfo { rest, ..ClientInfo::default() };
    gateway.gateway.registry().add(client("shop"), backend, info).schema().await.unwrap();
    (gateway, database)
}

#[tokio::test]
async fn the_older_answers_come_back_when_the_mode_is_off() {
    let options = RestOptions { postgrest_mode: false, ..RestOptions::default() };
    let (gateway, _database) = unguarded(options).await;
    let ask = |method, path, more: &'static [(&'static str, &'static str)], body| {
        let gateway = &gateway;
        async move { ask(gateway, method, path, None, more, body).await }
    };
    let read = ask(Method::GET, "/projects?select=name&order=name&limit=2", &[], "").await;
    assert_eq!(read.body, json!({"data": [{"name": "blue-sea"}, {"name": "red-plan"}]}));
    assert_eq!((read.status, read.header("content-range")), (200, Some("items 0-1/*")));
    let mode: &[(&str, &str)] = &[("x-athena-rest-mode", "postgrest")];
    let bare = ask(Method::GET, "/projects?select=id&id=eq.1", mode, "").await;
    assert_eq!(bare.body, json!([{"id": 1}]));
    let later = ask(Method::GET, "/projects?select=id&offset=2&order=id", &[], "").await;
    assert_eq!(later.header("content-range"), Some("items 2-2/*"));
    let new = r#"{"id": 9, "tenant": "red", "name": "new"}"#;
    let made = ask(Method::POST, "/projects?select=id", &[], new).await;
    assert_eq!((made.status, &made.body), (200, &json!({"data": [{"id": 9}]})), "{made:?}");
    let minimal: &[(&str, &str)] = &[("prefer", "return=minimal")];
    let quiet = ask(Method::PATCH, "/projects?id=eq.9", minimal, r#"{"name": "x"}"#).await;
    assert_eq!((quiet.status, quiet.text.as_str()), (204, ""));
    for (method, path, body, error) in [
        (Method::PATCH, "/projects", "{}", "filters are required for update"),
        (Method::DELETE, "/projects?select=id", "", "filters are required for delete"),
        (Method::PATCH, "/projects?id=eq.9", "[]", "patch body must be an object"),
    ] {
        let reply = ask(method, path, &[], body).await;
        assert_eq!((reply.status, &reply.body), (400, &json!({"error": error})));
    }
    let gone = ask(Method::DELETE, "/projects?id=eq.9&select=name", &[], "").await;
    assert_eq!(gone.body, json!({"data": [{"name": "x"}]}));
}

#[tokio::test]
async fn a_request_without_a_known_client_is_told_so_where_both_ways_of_answering_look() {
    let (gateway, _database) = unguarded(RestOptions::default()).await;
    for (headers, code, error) in [
        (&[][..], "missing_client_header", "X-Athena-Client header is required"),
        (
            &[("x-athena-client", "nobody")][..],
            "unknown_client",
            "Postgres client 'nobody' is not configured",
        ),
    ] {
        for method in [Method::GET, Method::POST, Method::PATCH, Method::DELETE] {
            let reply = gateway.call(method, "/rest/v1/projects?id=eq.1", headers, "{}").await;
            assert_eq!((reply.status, &reply.body["code"]), (400, &json!(code)), "{reply:?}");
            assert_eq!(reply.body["error"], error);
            assert!(reply.body["message"].is_string());
        }
    }
    let window = [("x-athena-client", "shop"), ("x-athena-insert-window", "5")];
    let refused = gateway.call(Method::POST, "/rest/v1/projects", &window, "{}").await;
    assert_eq!((refused.status, &refused.body["code"]), (400, &json!("not_supported")));
}

#[tokio::test]
async fn a_write_is_seen_by_the_next_kept_read_of_the_other_surface() {
    let (gateway, _database) = unguarded(RestOptions::default()).await;
    let fetch = json!({"table_name": "projects", "schema": "api", "columns": ["name"],
        "conditions": [{"operator": "eq", "column": "id", "value": 1}]});
    let fetch = fetch.to_string();
    let headers = [("x-athena-client", "shop")];
    let read = || gateway.call(Method::POST, "/gateway/fetch", &headers, &fetch);
    assert_eq!(read().await.body["data"], json!([{"name": "red-plan"}]));
    let again = read().await;
    assert_eq!(again.header("x-athena-cached"), Some("true"), "{again:?}");
    let body = r#"{"name": "renamed"}"#;
    let path = "/rest/v1/projects?id=eq.1";
    let changed = gateway.call(Method::PATCH, path, &headers, body).await;
    assert_eq!(changed.status, 204, "{changed:?}");
    assert_eq!(read().await.body["data"], json!([{"name": "renamed"}]));
}

#[tokio::test]
async fn where_no_schema_is_set_a_request_names_its_own_and_none_of_the_databases() {
    let database = TestDatabase::create().await;
    database.run(TENANTS).await;
    database.run("create table here (id int); insert into here values (7)").await;
    let house = House::build().await;
    let backend = Arc::new(Postgres::connect(&PostgresSettings::parse(database.uri()).unwrap()));
    let registry = house.gateway.gateway.registry();
    registry.add(client("shop"), backend, ClientInfo::default()).schema().await.unwrap();
    let (narrow, _) = house.key(&["here.read", "api.tasks.read"]).await;
    for (profile, path, status, code) in [
        (None, "/here", 200, None),
        (Some("public"), "/here", 200, None),
        (Some("api"), "/tasks?select=id", 200, None),
        (Some("api"), "/projects", 403, Some("missing_right")),
        (None, "/tasks", 403, Some("missing_right")),
        (Some("nowhere"), "/here", 406, Some("PGRST106")),
        (Some("pg_catalog"), "/here", 406, Some("PGRST106")),
        (Some("information_schema"), "/here", 406, Some("PGRST106")),
    ] {
        let mut headers = vec![("apikey", narrow.as_str())];
        headers.extend(profile.map(|profile| ("accept-profile", profile)));
        let path = format!("/rest/v1{path}");
        let reply = house.gateway.call(Method::GET, &path, &headers, "").await;
        assert_eq!(reply.status, status, "{profile:?} {path} {reply:?}");
        assert_eq!(reply.body["code"].as_str(), code, "{profile:?} {path}");
    }
}
