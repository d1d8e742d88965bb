//! What a key, a page or a session could get at by another way.

use super::{
    ask,
    doors::{guarded, unguarded_after},
};
use crate::{
    access::House,
    support::{Reply, TestGateway},
};
use api::{ApiSettings, Cors};
use gateway::{Access, RestOptions};
use http::{HeaderValue, Method};
use serde_json::{Value, json};

/// Functions that are called as if they were columns or tables.
const FUNCTIONS: &str = "
    create function api.loud(api.projects) returns text language sql stable as
        $$ select upper($1.name) $$;
    create function api.jobs(api.projects) returns setof api.tasks language sql stable as
        $$ select * from api.tasks where project_id = $1.id $$;
    create function api.stash(api.projects) returns text language sql as
        $$ select set_config('app.stash', $1.name, false) $$;
    create function api.peek(api.projects) returns text language sql stable as
        $$ select nullif(current_setting('app.stash', true), '') $$;
    create function api.rename(api.tasks) returns text language sql as
        $$ update api.projects set name = 'renamed' where id = $1.project_id returning name $$;";

/// Without policies, an answer of projects depends on projects alone.
const NO_POLICY: &str = "alter table api.projects disable row level security";

/// Called before each request, and writes wherever it may.
const MARK: &str = "
    create function api.mark() returns void language plpgsql as $$ begin
        if current_setting('transaction_read_only') = 'off' then
            update api.projects set name = 'marked' where id = 1;
        end if; end $$;";

async fn with(house: &House, key: &str, method: Method, path: &str, body: &str) -> Reply {
    let headers = [("apikey", key), ("prefer", "return=representation")];
    house.gateway.call(method, &format!("/rest/v1{path}"), &headers, body).await
}

#[tokio::test]
async fn a_function_in_the_place_of_a_column_needs_the_right_to_call_one() {
    let (house, database) = guarded().await;
    database.run(FUNCTIONS).await;
    let tables = ["api.projects.read", "api.projects.write", "api.tasks.read"];
    let (narrow, _) = house.key(&tables).await;
    let (wide, _) = house.key(&[&tables[..], &["gateway.rpc.execute"]].concat()).await;
    let body = r#"{"tenant": "red"}"#;
    for (method, path) in [
        (Method::GET, "/projects?select=name,loud&id=eq.1"),
        (Method::GET, "/projects?select=name&loud=like.*RED*"),
        (Method::GET, "/projects?select=name&order=loud"),
        (Method::GET, "/projects?select=name&or=(loud.is.null,id.eq.1)"),
        (Method::PATCH, "/projects?select=name,loud&id=eq.1"),
        (Method::PATCH, "/projects?select=name&loud=eq.RED-PLAN"),
    ] {
        let refused = with(&house, &narrow, method.clone(), path, body).await;
        assert_eq!((refused.status, &refused.body["code"]), (400, &json!("42703")), "{refused:?}");
        assert_eq!(refused.body["message"], "column projects.loud does not exist");
        let reply = with(&house, &wide, method.clone(), path, body).await;
        assert_eq!(reply.status, 200, "{method} {path} {reply:?}");
    }
    let embed = "/projects?select=name,jobs(title)&id=eq.1";
    let refused = with(&house, &narrow, Method::GET, embed, "").await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("missing_right")));
    assert_eq!(with(&house, &wide, Method::GET, embed, "").await.status, 200);
    database.run("alter table api.projects add column later int").await;
    let later = "/projects?select=later&id=eq.1";
    let mut reply = with(&house, &narrow, Method::GET, later, "").await;
    for _ in 0..50 {
        if reply.status == 200 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        reply = with(&house, &narrow, Method::GET, later, "").await;
    }
    assert_eq!(reply.body, json!([{"later": null}]), "a new column is no function");
}

#[tokio::test]
async fn what_a_function_of_a_row_leaves_behind_is_seen_by_nobody() {
    let (gateway, database) = unguarded_after(NO_POLICY, RestOptions::default()).await;
    database.run(FUNCTIONS).await;
    let fetch = json!({"table_name": "projects", "schema": "api", "columns": ["name"],
        "conditions": [{"operator": "eq", "column": "id", "value": 1}]});
    let fetch = fetch.to_string();
    let headers = [("x-athena-client", "shop")];
    let read = || gateway.call(Method::POST, "/gateway/fetch", &headers, &fetch);
    let get = |path| ask(&gateway, Method::GET, path, None, &[], "");
    let stashed = get("/projects?select=stash&id=eq.1").await;
    assert_eq!(stashed.body, json!([{"stash": "red-plan"}]), "{stashed:?}");
    let peeked = get("/projects?select=peek&id=eq.1").await;
    assert_eq!(peeked.body, json!([{"peek": null}]), "{peeked:?}");
    assert_eq!(read().await.body["data"], json!([{"name": "red-plan"}]));
    assert_eq!(read().await.header("x-athena-cached"), Some("true"));
    let prefer = [("prefer", "return=representation")];
    let path = "/tasks?select=rename&id=eq.1";
    let changed = ask(&gateway, Method::PATCH, path, None, &prefer, r#"{"title": "x"}"#).await;
    assert_eq!(changed.body, json!([{"rename": "renamed"}]), "{changed:?}");
    assert_eq!(read().await.body["data"], json!([{"name": "renamed"}]));
}

#[tokio::test]
async fn what_the_function_before_a_write_changed_is_seen_by_the_next_kept_read() {
    let before = Some("api.mark".to_owned());
    let options = RestOptions { pre_request: before, ..RestOptions::default() };
    let (gateway, database) = unguarded_after(NO_POLICY, options).await;
    database.run(MARK).await;
    let fetch = json!({"table_name": "projects", "schema": "api", "columns": ["name"],
        "conditions": [{"operator": "eq", "column": "id", "value": 1}]});
    let fetch = fetch.to_string();
    let headers = [("x-athena-client", "shop")];
    let read = || gateway.call(Method::POST, "/gateway/fetch", &headers, &fetch);
    assert_eq!(read().await.body["data"], json!([{"name": "red-plan"}]));
    assert_eq!(read().await.header("x-athena-cached"), Some("true"));
    // Another table, which projects do not hang on.
    let body = r#"{"title": "x"}"#;
    let changed = gateway.call(Method::PATCH, "/rest/v1/tasks?id=eq.2", &headers, body).await;
    assert_eq!(changed.status, 204, "{changed:?}");
    assert_eq!(read().await.body["data"], json!([{"name": "marked"}]));
}

#[tokio::test]
async fn a_key_that_may_only_write_learns_nothing_of_the_rows() {
    let (house, _database) = guarded().await;
    let (writer, _) = house.key(&["api.projects.write", "api.projects.delete"]).await;
    let (reader, _) = house.key(&["api.projects.write", "api.projects.read"]).await;
    let minimal = |key: &str, method, path: &str, more: (&'static str, &'static str), body| {
        let (key, path) = (key.to_owned(), format!("/rest/v1{path}"));
        let house = &house;
        async move { house.gateway.call(method, &path, &[("apikey", &key), more], body).await }
    };
    let (quiet, body) = (("prefer", "return=minimal"), r#"{"tenant": "red"}"#);
    let one = ("accept", "application/vnd.pgrst.object+json");
    let few = ("prefer", "handling=strict, max-affected=9");
    for (method, path, header) in [
        (Method::PATCH, "/projects?name=like.r*", quiet),
        (Method::DELETE, "/projects?id=eq.9", quiet),
        (Method::PATCH, "/projects", one),
        (Method::PATCH, "/projects", few),
    ] {
        let refused = minimal(&writer, method.clone(), path, header, body).await;
        assert_eq!((refused.status, &refused.body["code"]), (403, &json!("missing_right")));
    }
    assert_eq!(minimal(&writer, Method::PATCH, "/projects", quiet, body).await.status, 204);
    let found = minimal(&reader, Method::PATCH, "/projects?id=eq.1", quiet, body).await;
    assert_eq!(found.status, 204, "{found:?}");
    let taken = r#"{"id": 9, "tenant": "red", "name": "red-plan"}"#;
    for (key, tells) in [(&writer, false), (&reader, true)] {
        let refused = minimal(key, Method::POST, "/projects", quiet, taken).await;
        assert_eq!((refused.status, &refused.body["code"]), (409, &json!("23505")), "{refused:?}");
        assert_eq!(refused.body["details"] != Value::Null, tells, "{refused:?}");
    }
}

#[tokio::test]
async fn what_relates_to_a_table_is_told_to_its_readers_only() {
    let (house, _database) = guarded().await;
    let (narrow, _) = house.key(&["api.projects.read"]).await;
    let (wide, _) = house.key(&["api.projects.read", "api.tasks.read"]).await;
    let path = "/projects?select=tasks(nothing(id))";
    let refused = with(&house, &narrow, Method::GET, path, "").await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("missing_right")));
    let told = with(&house, &wide, Method::GET, path, "").await;
    assert_eq!((told.status, &told.body["code"]), (400, &json!("PGRST200")), "{told:?}");
}

#[tokio::test]
async fn answers_are_for_one_reader_and_one_page() {
    let ours = HeaderValue::from_static("https://app.example");
    let settings = ApiSettings { cors: Cors::Origins(vec![ours]), ..ApiSettings::default() };
    let gateway = TestGateway::with(Access::open(), settings);
    for (origin, allowed) in [("https://app.example", true), ("https://evil.example", false)] {
        let headers = [("x-athena-client", "shop"), ("origin", origin)];
        let reply = gateway.call(Method::GET, "/rest/v1/invoices", &headers, "").await;
        assert_eq!(reply.header("cache-control"), Some("private"), "{reply:?}");
        assert_eq!(reply.header("access-control-allow-origin").is_some(), allowed, "{origin}");
        let vary = reply.headers.get_all("vary").iter().map(|value| value.to_str().unwrap());
        let vary = vary.collect::<Vec<_>>().join(", ");
        assert!(vary.contains("Accept") && vary.contains("Origin"), "{vary}");
    }
}

#[tokio::test]
async fn for_whom_a_write_is_must_be_said_here_too_where_that_is_demanded() {
    let settings = ApiSettings { require_audit_headers: true, ..ApiSettings::default() };
    let strict = TestGateway::with(Access::open(), settings);
    let some = [("x-athena-client", "shop"), ("x-company-id", "c"), ("x-user-id", "u")];
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let refused = strict.call(method, "/rest/v1/invoices?id=eq.1", &some, "{}").await;
        let told = (refused.status, &refused.body["code"]);
        assert_eq!(told, (400, &json!("missing_header")), "{refused:?}");
    }
    let read = strict.call(Method::GET, "/rest/v1/invoices", &some, "").await;
    assert_ne!(read.body["code"], "missing_header");
}
