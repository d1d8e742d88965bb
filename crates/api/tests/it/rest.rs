//! The PostgREST surface on a real database: tokens, roles, and rows that belong to one tenant.

mod doors;
mod guards;

use crate::support::{Reply, TestGateway, client};
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
