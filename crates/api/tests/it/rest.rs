//! The PostgREST surface on a real database: tokens, roles, and rows that belong to one tenant.

use crate::{
    access::House,
    support::{Reply, TestGateway, client},
};
use backend_postgres::{Postgres, PostgresSettings};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gateway::{ClientInfo, JwtSettings, RestOptions, RestSettings};
use http::Method;
use ring::hmac;
use serde_json::{Value, json};
use std::sync::Arc;
use test_support::TestDatabase;

const SECRET: &str = "a secret of thirty-two characters";

/// Two tenants; each row of theirs says whose it is, and a policy says who sees it.
const TENANTS: &str = "
    do $$ begin
        create role rest_nobody; create role rest_member; create role rest_door login noinherit;
    exception when duplicate_object or unique_violation then end $$;
    grant rest_nobody, rest_member to rest_door;
    create schema api;
    grant usage on schema api to rest_nobody, rest_member;
    create function api.tenant() returns text language sql stable as
        $$ select current_setting('request.jwt.claims', true)::json ->> 'tenant' $$;
    create table api.projects (
        id int primary key, tenant text not null default api.tenant(), name text not null unique);
    create table api.tasks (
        id int primary key, tenant text not null default api.tenant(),
        project_id int references api.projects (id), title text not null);
    insert into api.projects values
        (1, 'red', 'red-plan'), (2, 'red', 'red-roof'), (3, 'blue', 'blue-sea');
    insert into api.tasks values
        (1, 'red', 1, 'red-paint'), (2, 'blue', 3, 'blue-swim'), (3, 'blue', 3, 'blue-dive'),
        -- Somebody got at it before there were policies: a task of blue's on a project of red's.
        (4, 'blue', 1, 'blue-spy');
    alter table api.projects enable row level security;
    alter table api.tasks enable row level security;
    create policy own on api.projects to rest_member using (tenant = api.tenant());
    create policy own on api.tasks to rest_member using (tenant = api.tenant());
    grant select, insert, update, delete on api.projects, api.tasks to rest_member;
    create function api.whoami() returns json language sql stable as
        $$ select json_build_object('user', current_user, 'tenant', api.tenant()) $$;
    create function api.everything() returns setof api.projects language sql stable as
        $$ select * from api.projects $$;
    alter role rest_member set statement_timeout = '7s';
    create function api.patience() returns text language sql stable as
        $$ select current_setting('statement_timeout') $$;";

async fn live(only: bool) -> (TestGateway, TestDatabase) {
    let database = TestDatabase::create().await;
    database.run(TENANTS).await;
    let gateway = TestGateway::caching();
    let uri = database.uri().replacen("//athena", "//rest_door", 1);
    let backend = Arc::new(Postgres::connect(&PostgresSettings::parse(&uri).unwrap()));
    let options = RestOptions {
        schemas: vec!["api".to_owned()],
        anon_role: Some("rest_nobody".to_owned()),
        ..RestOptions::default()
    };
    let jwt = JwtSettings {
        secret: SECRET.to_owned(),
        is_base64: false,
        audience: None,
        role_claim: ".role".to_owned(),
        only,
    };
    let rest = Arc::new(RestSettings::new(options, Some(&jwt)).unwrap());
    let info = ClientInfo { rest, ..ClientInfo::default() };
    let upstream = gateway.gateway.registry().add(client("shop"), backend, info);
    upstream.schema().await.unwrap();
    (gateway, database)
}

fn token(claims: &Value) -> String {
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encoded(&json!({"alg": "HS256"})), encoded(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes())))
}

fn member(tenant: &str) -> String {
    token(&json!({"role": "rest_member", "tenant": tenant}))
}

async fn ask(
    gateway: &TestGateway,
    method: Method,
    path: &str,
    token: Option<&str>,
    more: &[(&str, &str)],
    body: &str,
) -> Reply {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("x-athena-client", "shop")];
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    headers.extend_from_slice(more);
    gateway.call(method, &format!("/rest/v1{path}"), &headers, body).await
}

async fn get(gateway: &TestGateway, path: &str, tenant: &str) -> Reply {
    ask(gateway, Method::GET, path, Some(&member(tenant)), &[], "").await
}

const ROWS: (&str, &str) = ("prefer", "return=representation,count=exact");

#[tokio::test]
async fn no_row_crosses_over_by_read_embed_count_or_function() {
    let (gateway, _database) = live(false).await;
    for (tenant, own, other) in [("red", "red-", "blue-"), ("blue", "blue-", "red-")] {
        for path in [
            "/projects",
            "/projects?select=name,tasks(title)",
            "/tasks?select=title,projects(name)",
            "/tasks?select=title,projects!inner(name)",
            "/projects?or=(id.gt.0,name.like.*)",
            "/rpc/everything?select=name,tasks(title)",
        ] {
            let reply = get(&gateway, path, tenant).await;
            assert_eq!(reply.status, 200, "{path} {reply:?}");
            assert!(!reply.text.contains(other), "{tenant} {path} {}", reply.text);
            let is_empty = reply.text == "[]";
            assert!(is_empty || reply.text.contains(own), "{tenant} {path} {}", reply.text);
        }
    }
    let blue = member("blue");
    let counted = ask(&gateway, Method::HEAD, "/projects", Some(&blue), &[ROWS], "").await;
    assert_eq!(counted.header("content-range"), Some("0-0/1"));
    let one = get(&gateway, "/projects?id=eq.1", "blue").await;
    assert_eq!((one.status, &one.body), (200, &json!([])));
}

#[tokio::test]
async fn no_row_crosses_over_by_a_write_and_no_error_tells_of_one() {
    let (gateway, database) = live(false).await;
    let blue = member("blue");
    let ask = |method, path, body| {
        let (gateway, blue) = (&gateway, &blue);
        async move { ask(gateway, method, path, Some(blue), &[ROWS], body).await }
    };
    let moved = ask(Method::PATCH, "/projects?id=eq.1", r#"{"name": "mine"}"#).await;
    assert_eq!((moved.status, &moved.body), (200, &json!([])), "{moved:?}");
    let gone = ask(Method::DELETE, "/projects?id=gt.0&id=lt.3", "").await;
    assert_eq!((gone.status, &gone.body), (200, &json!([])), "{gone:?}");
    for (what, path, body, code) in [
        ("for another tenant", "/projects", r#"{"id": 9, "tenant": "red", "name": "x"}"#, "42501"),
        ("a key that is taken", "/projects", r#"{"id": 1, "name": "x"}"#, "23505"),
        ("a name that is taken", "/projects", r#"{"id": 9, "name": "red-plan"}"#, "23505"),
    ] {
        let refused = ask(Method::POST, path, body).await;
        assert_eq!(refused.body["code"], code, "{what} {refused:?}");
        // What was sent comes back, as PostgreSQL does; of the row that is there, nothing.
        for other in ["red-roof", "red-paint", "\"red\""] {
            assert!(!refused.text.contains(other), "{what} {}", refused.text);
        }
    }
    let taken = [("prefer", "resolution=merge-duplicates")];
    let body = r#"{"id": 1, "name": "stolen"}"#;
    let upsert = self::ask(&gateway, Method::POST, "/projects", Some(&blue), &taken, body).await;
    assert_eq!(upsert.body["code"], "42501", "{upsert:?}");
    let mut connection = database.connect().await;
    let names: Vec<String> =
        sqlx::query_scalar("select name from api.projects where tenant = 'red' order by 1")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    assert_eq!(names, ["red-plan", "red-roof"]);
}

#[tokio::test]
async fn a_request_runs_as_the_role_of_its_token_with_that_roles_settings() {
    let (gateway, _database) = live(false).await;
    let reply = get(&gateway, "/rpc/whoami", "red").await;
    assert_eq!(reply.body, json!({"user": "rest_member", "tenant": "red"}));
    assert_eq!(get(&gateway, "/rpc/patience", "red").await.body, "7s");
    let anonymous = ask(&gateway, Method::GET, "/rpc/whoami", None, &[], "").await;
    assert_eq!(anonymous.body["user"], "rest_nobody");
    let refused = ask(&gateway, Method::GET, "/projects", None, &[], "").await;
    assert_eq!((refused.status, &refused.body["code"]), (401, &json!("42501")), "{refused:?}");
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    let poor = token(&json!({"role": "rest_nobody", "tenant": "red"}));
    let refused = ask(&gateway, Method::GET, "/projects", Some(&poor), &[], "").await;
    assert_eq!(refused.body["code"], "42501", "{refused:?}");
    for nobody in ["none", "no_such_role", ""] {
        let token = token(&json!({"role": nobody}));
        let refused = ask(&gateway, Method::GET, "/rpc/whoami", Some(&token), &[], "").await;
        assert_eq!((refused.status, &refused.body["code"]), (401, &json!("22023")), "{refused:?}");
        let message = format!("role \"{nobody}\" does not exist");
        assert_eq!(refused.body["message"], message.as_str());
    }
    let owner = token(&json!({"role": "athena"}));
    let refused = ask(&gateway, Method::GET, "/projects", Some(&owner), &[], "").await;
    assert_eq!(refused.body["code"], "42501", "a role that was not granted: {refused:?}");
}

#[tokio::test]
async fn a_token_that_does_not_count_is_refused_in_postgrests_words() {
    let (gateway, _database) = live(true).await;
    let late = token(&json!({"role": "rest_member", "exp": 1}));
    let forged = format!("{}x", member("red"));
    for (bearer, code, message) in [
        (late.as_str(), "PGRST303", "JWT expired"),
        (forged.as_str(), "PGRST301", "No suitable key or wrong key type"),
        ("ath_key", "PGRST301", "Expected 3 parts in JWT; got 1"),
        ("", "PGRST301", "Empty JWT is sent in Authorization header"),
    ] {
        let reply = ask(&gateway, Method::GET, "/projects", Some(bearer), &[], "").await;
        assert_eq!(reply.status, 401, "{bearer} {reply:?}");
        assert_eq!((&reply.body["code"], &reply.body["message"]), (&json!(code), &json!(message)));
        assert!(reply.header("www-authenticate").unwrap().contains("invalid_token"));
    }
}

#[tokio::test]
async fn a_new_table_is_found_when_the_database_says_so_or_its_name_is_asked_for() {
    let (gateway, database) = live(false).await;
    assert_eq!(get(&gateway, "/projects", "red").await.status, 200);
    database.run("create table api.later (id int); grant select on api.later to rest_member").await;
    let mut reply = get(&gateway, "/later", "red").await;
    for _ in 0..50 {
        if reply.status == 200 {
            break;
        }
        assert_eq!(reply.body["code"], "PGRST205", "{reply:?}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        reply = get(&gateway, "/later", "red").await;
    }
    assert_eq!(reply.status, 200, "{reply:?}");
    // Nothing unknown is named here: only the database can tell that there are two ways now.
    let path = "/tasks?select=title,projects(name)";
    assert_eq!(get(&gateway, path, "red").await.status, 200);
    let column = "alter table api.tasks add column other int references api.projects (id)";
    database.run(column).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(get(&gateway, path, "red").await.status, 200, "nobody has told");
    database.run("notify pgrst, 'reload schema'").await;
    for _ in 0..100 {
        reply = get(&gateway, path, "red").await;
        if reply.status != 200 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!((reply.status, &reply.body["code"]), (300, &json!("PGRST201")), "{reply:?}");
}

/// The same database behind a gateway that demands keys.
async fn guarded() -> (House, TestDatabase) {
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
async fn unguarded(options: RestOptions) -> (TestGateway, TestDatabase) {
    let database = TestDatabase::create().await;
    database.run(TENANTS).await;
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
