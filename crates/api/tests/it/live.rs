//! What only a real database can show: SQL, functions and leaving callers on PostgreSQL.

use crate::support::{Reply, TestGateway, client};
use backend_postgres::{Postgres, PostgresSettings};
use gateway::ClientInfo;
use http::Method;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use test_support::TestDatabase;

const TABLES: &str = "
    create table ships (id uuid primary key, name text, note text);
    insert into ships values ('7f1d0c2a-0000-4000-8000-0000003e4f00', 'Argo', '7f1d0c2a-0000-4000-8000-0000003e4f00');
    create function fleet(prefix text, lim int default 10) returns setof ships language sql stable
        as $$ select * from ships where name like prefix || '%' limit lim $$;
    create function double(n int) returns int language sql immutable as $$ select n * 2 $$;
    create function launch(name text) returns void language sql
        as $$ insert into ships values (gen_random_uuid(), name) $$;
    create schema hidden;
    create function hidden.secret() returns int language sql as $$ select 1 $$;";

/// A gateway that keeps answers, in front of a database of its own.
async fn live() -> (TestGateway, TestDatabase) {
    let database = TestDatabase::create().await;
    database.run(TABLES).await;
    let gateway = TestGateway::caching();
    let settings = PostgresSettings::parse(database.uri()).unwrap();
    let backend = Arc::new(Postgres::connect(&settings));
    let upstream = gateway.gateway.registry().add(client("shop"), backend, ClientInfo::default());
    upstream.schema().await.unwrap();
    (gateway, database)
}

async fn query(gateway: &TestGateway, text: &str) -> Reply {
    gateway.post("/gateway/query", &json!({ "query": text }).to_string()).await
}

#[tokio::test]
async fn sql_that_used_to_fail_in_a_wrapper_runs_as_it_stands() {
    let (gateway, _database) = live().await;
    let cases = [
        ("select 1 as n -- the end", json!([{"n": 1}])),
        ("/* first */ select 2 as n", json!([{"n": 2}])),
        (
            "with gone as (delete from ships where name = 'x' returning id) select count(*)::int as n from gone",
            json!([{"n": 0}]),
        ),
        ("update ships set note = note\nreturning\tname", json!([{"name": "Argo"}])),
        ("select 1 as a; select 2 as b;", json!([{"b": 2}])),
        ("show statement_timeout", Value::Null),
        ("values (1)", json!([{"column1": 1}])),
    ];
    for (text, expected) in cases {
        let reply = query(&gateway, text).await;
        assert_eq!(reply.status, 200, "{text} {reply:?}");
        if !expected.is_null() {
            assert_eq!(reply.body["data"], expected, "{text}");
        }
    }
    let changed =
        query(&gateway, "update ships set note = note; delete from ships where false").await;
    assert_eq!(changed.body["meta"]["rows_affected"], 1, "{changed:?}");
    assert_eq!(changed.body["meta"]["statement_count"], 2);
    let wrong = query(&gateway, "selec 1").await;
    assert_eq!((wrong.status, &wrong.body["code"]), (400, &json!("syntax_error")), "{wrong:?}");
}

#[tokio::test]
async fn a_uuid_in_sql_finds_its_row_in_a_uuid_column_and_in_a_text_column() {
    let (gateway, _database) = live().await;
    for (column, id) in [
        ("id", "7f1d0c2a-0000-4000-8000-0000003e4f00"),
        ("id", "7F1D0C2A-0000-4000-8000-0000003E4F00"),
        ("note", "7f1d0c2a-0000-4000-8000-0000003e4f00"),
    ] {
        let text =
            format!(r#"SELECT "name" FROM "ships" WHERE "{column}"::text = '{id}' LIMIT 3;"#);
        let reply = query(&gateway, &text).await;
        assert_eq!(reply.body["data"], json!([{"name": "Argo"}]), "{column} {id} {reply:?}");
    }
}

#[tokio::test]
async fn functions_are_called_by_name_and_their_rows_narrowed_in_the_database() {
    let (gateway, _database) = live().await;
    let call = async |path: &str, body: Value| gateway.post(path, &body.to_string()).await;
    let doubled = call("/rpc/double", json!({"n": 21})).await;
    assert_eq!((doubled.status, &doubled.body["data"]), (200, &json!([42])), "{doubled:?}");
    let body = json!({
        "function": "fleet", "args": {"prefix": "A"}, "select": "name", "count": "exact",
        "filters": [{"column": "name", "operator": "eq", "value": "Argo"}], "limit": 1,
    });
    let found = call("/gateway/rpc", body).await;
    assert_eq!(
        (&found.body["data"], &found.body["count"]),
        (&json!([{"name": "Argo"}]), &json!(1)),
        "{found:?}"
    );
    let counted = json!({"function": "fleet", "args": {"prefix": "A"}, "head": true, "offset": 5});
    let counted = call("/gateway/rpc", counted).await;
    assert_eq!(counted.body["data"], json!([]), "{counted:?}");
    assert!(counted.body["count"].as_u64().is_some_and(|count| count > 0), "{counted:?}");
    let nobody = json!({"function": "fleet", "args": {"prefix": "no ship"}, "count": "exact"});
    let nobody = call("/gateway/rpc", nobody).await;
    assert_eq!((&nobody.body["data"], &nobody.body["count"]), (&json!([]), &json!(0)));
    let shop = [("x-athena-client", "shop")];
    let path = "/rpc/fleet?prefix=A&select=name&name=eq.Argo&order=name.desc";
    let by_address = gateway.call(Method::GET, path, &shop, "").await;
    assert_eq!(by_address.body["data"], json!([{"name": "Argo"}]), "{by_address:?}");
    let hidden = call("/gateway/rpc", json!({"function": "secret", "schema": "hidden"})).await;
    assert_eq!((hidden.status, &hidden.body["code"]), (403, &json!("schema_not_allowed")));
    let system = call(
        "/gateway/rpc",
        json!({"function": "pg_sleep", "schema": "pg_catalog", "args": {"n": 1}}),
    )
    .await;
    assert_eq!(system.status, 403);
}

#[tokio::test]
async fn a_function_that_writes_makes_answers_stale() {
    let (gateway, _database) = live().await;
    let fetch = r#"{"table_name":"ships","columns":["name"]}"#;
    gateway.post("/gateway/fetch", fetch).await;
    gateway.post("/rpc/double", r#"{"n":1}"#).await;
    let kept = gateway.post("/gateway/fetch", fetch).await;
    assert_eq!(kept.header("x-athena-cached"), Some("true"), "it promised to change nothing");
    let launched = gateway.post("/rpc/launch", r#"{"name":"Beagle"}"#).await;
    assert_eq!(launched.status, 200, "{launched:?}");
    let after = gateway.post("/gateway/fetch", fetch).await;
    assert_eq!(after.body["data"].as_array().map(Vec::len), Some(2), "{after:?}");
}

#[tokio::test]
async fn a_transaction_that_fails_at_its_end_leaves_nothing() {
    let (gateway, _database) = live().await;
    let insert = |id: &str| json!({"kind": "insert", "payload": {"table_name": "ships", "insert_body": {"id": id}}});
    let twice = "00000000-0000-4000-8000-000000000001";
    let body = json!({"operations": [insert(twice), insert(twice)]});
    let reply = gateway.post("/gateway/transaction", &body.to_string()).await;
    assert_eq!((reply.status, &reply.body["code"]), (409, &json!("unique_violation")), "{reply:?}");
    let count = gateway.post("/query/count", r#"{"table_name":"ships"}"#).await;
    assert_eq!(count.body["data"]["count"], 1, "{count:?}");
}

#[tokio::test]
async fn a_caller_who_leaves_ends_their_query_in_the_database() {
    let (gateway, database) = live().await;
    let running = "select count(*)::int as n from pg_stat_activity
        where state = 'active' and query like '%pg_sleep(30)%' and pid <> pg_backend_pid()";
    let watcher = Postgres::connect(&PostgresSettings::parse(database.uri()).unwrap());
    let watch = TestGateway::open();
    watch.gateway.registry().add(client("shop"), Arc::new(watcher), ClientInfo::default());
    let count = async || query(&watch, running).await.body["data"][0]["n"].clone();
    let until = async |expected: i64| {
        for _ in 0..200 {
            if count().await == json!(expected) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        false
    };
    let request = tokio::spawn(async move { query(&gateway, "select pg_sleep(30)").await });
    assert!(until(1).await, "the query runs");
    request.abort();
    assert!(until(0).await, "the query was cancelled");
}
