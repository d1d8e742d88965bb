//! Inserts that come close together, written by one statement.

use crate::support::{Reply, TestGateway, client};
use api::ApiSettings;
use backend_postgres::{Postgres, PostgresSettings};
use futures_util::future::join_all;
use gateway::{
    Access, CacheSettings, ClientInfo, Gateway, GatewaySettings, InsertWindowEvents,
    InsertWindowSettings,
};
use http::Method;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use test_support::TestDatabase;

const TABLES: &str = r#"
    create type mood as enum ('sad', 'happy');
    create table ships (id serial primary key, name text not null unique, tons int check (tons > 0));
    create table odd (id serial primary key, flag bool, small int2, big int8, ratio float8, token uuid,
        price numeric(10,2), day date, doc jsonb, tags text[], numbers int4[], mood mood, code varchar(4),
        letters char(3), n int, "c1" text, raw bytea);
    create table guarded (id serial primary key, name text);
    create function skip() returns trigger language plpgsql as
        $$ begin if new.name = 'no' then return null; end if; return new; end $$;
    create trigger skip before insert on guarded for each row execute function skip();"#;

/// How long tests that count on company let it wait.
const LONG: &str = "400";

async fn harbour(settings: InsertWindowSettings) -> (TestGateway, TestDatabase) {
    let database = TestDatabase::create().await;
    database.run(TABLES).await;
    let settings = GatewaySettings { insert_window: settings, ..GatewaySettings::default() };
    let gateway = Gateway::caching(settings, Access::open(), &CacheSettings::default()).unwrap();
    let gateway = TestGateway::around(gateway, ApiSettings::default());
    let settings = PostgresSettings::parse(database.uri()).unwrap();
    let backend = Arc::new(Postgres::connect(&settings));
    let upstream = gateway.gateway.registry().add(client("shop"), backend, ClientInfo::default());
    upstream.schema().await.unwrap();
    (gateway, database)
}

async fn insert(gateway: &TestGateway, window: Option<&str>, table: &str, row: Value) -> Reply {
    let mut headers = vec![("x-athena-client", "shop")];
    headers.extend(window.map(|window| ("x-athena-insert-window", window)));
    let body = json!({ "table_name": table, "insert_body": row }).to_string();
    gateway.call(Method::PUT, "/gateway/insert", &headers, &body).await
}

/// How many transactions wrote the rows.
async fn transactions(database: &TestDatabase, table: &str) -> i64 {
    let sql = format!("select count(distinct xmin::text) from {table}");
    let sql = sqlx::AssertSqlSafe(sql);
    sqlx::query_scalar(sql).fetch_one(&mut database.connect().await).await.unwrap()
}

fn events(gateway: &TestGateway) -> InsertWindowEvents {
    gateway.gateway.insert_window_events()
}

#[tokio::test]
async fn inserts_that_come_together_are_one_statement_and_each_is_answered_its_own_row() {
    let (gateway, database) = harbour(InsertWindowSettings::default()).await;
    let seen = gateway.post("/gateway/fetch", r#"{"table_name":"ships"}"#).await;
    assert_eq!(seen.body["data"], json!([]));
    let asked = (1..=40).map(|n| {
        let row = json!({"name": format!("ship {n}"), "tons": n});
        insert(&gateway, Some(LONG), "ships", row)
    });
    let replies = join_all(asked).await;
    let mut ids = BTreeSet::new();
    for (at, reply) in replies.iter().enumerate() {
        let row = &reply.body["data"];
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(
            (&row["name"], &row["tons"]),
            (&json!(format!("ship {}", at + 1)), &json!(at + 1))
        );
        assert_eq!((&reply.body["affected_rows"], &reply.body["count"]), (&json!(1), &json!(1)));
        assert_eq!(reply.body["resource_id"], row["id"].to_string());
        ids.insert(row["id"].as_i64().unwrap());
    }
    assert_eq!((ids.len(), transactions(&database, "ships").await), (40, 1));
    let bulk = InsertWindowEvents { flush_bulk: 1, ..InsertWindowEvents::default() };
    assert_eq!(events(&gateway), bulk);
    let seen = gateway.post("/gateway/fetch", r#"{"table_name":"ships"}"#).await;
    assert_eq!(seen.body["data"].as_array().unwrap().len(), 40, "the kept answer is stale");
}

#[tokio::test]
async fn a_row_that_is_refused_fails_its_own_caller_alone() {
    let (gateway, _database) = harbour(InsertWindowSettings::default()).await;
    insert(&gateway, None, "ships", json!({"name": "Argo", "tons": 9})).await;
    let rows = [("one", 1), ("Argo", 2), ("two", 3), ("three", -4), ("four", 5)];
    let asked = rows.iter().map(|(name, tons)| {
        insert(&gateway, Some(LONG), "ships", json!({"name": name, "tons": tons}))
    });
    let replies = join_all(asked).await;
    let told = replies.iter().map(|reply| reply.body["code"].as_str());
    let codes = [None, Some("unique_violation"), None, Some("check_constraint_violation"), None];
    assert_eq!(told.collect::<Vec<_>>(), codes);
    for at in [0, 2, 4] {
        assert_eq!(replies[at].body["data"]["name"], rows[at].0);
    }
    let counted = gateway.post("/gateway/fetch", r#"{"table_name":"ships","count":"exact"}"#).await;
    assert_eq!(counted.body["count"], 4);
    let expected = InsertWindowEvents { bulk_fallback_sql_error: 1, ..Default::default() };
    assert_eq!(events(&gateway), expected);
}

#[tokio::test]
async fn values_of_every_type_arrive_as_they_do_alone() {
    let (gateway, _database) = harbour(InsertWindowSettings::default()).await;
    let full = json!({
        "flag": true, "small": -3, "big": 9_007_199_254_740_993_i64, "ratio": 0.1, "price": "12.50",
        "token": "6f1e0f0e-0000-4000-8000-00000000beef", "day": "2024-02-29", "n": 7, "c1": "q\"}',{\\",
        "doc": {"a": [1, null, "x\"y"]}, "tags": ["a,b", null, "{}"], "numbers": [1, 2], "mood": "happy",
        "code": "abcd", "letters": "ab", "raw": "\\x00ff",
    });
    let mut empty = full.clone();
    empty.as_object_mut().unwrap().values_mut().for_each(|value| *value = Value::Null);
    let strange = json!({
        "flag": "no", "small": "4", "big": -1, "ratio": "NaN", "price": 1, "token": null, "n": null,
        "day": "2024-01-01", "c1": "", "doc": "text", "tags": [], "numbers": "{3,NULL}", "mood": "sad",
        "code": "", "letters": "", "raw": "",
    });
    let rows = [full, empty, strange];
    let mut alone = Vec::new();
    for row in &rows {
        alone.push(insert(&gateway, None, "odd", row.clone()).await);
    }
    let asked = rows.iter().map(|row| insert(&gateway, Some(LONG), "odd", row.clone()));
    for (together, alone) in join_all(asked).await.iter().zip(&alone) {
        let without_id = |reply: &Reply| {
            let mut row = reply.body["data"].clone();
            row.as_object_mut().unwrap_or_else(|| panic!("{reply:?}")).remove("id");
            row
        };
        assert_eq!(without_id(together), without_id(alone));
    }
    assert_eq!(events(&gateway).flush_bulk, 1);
}

#[tokio::test]
async fn only_rows_of_one_shape_are_written_together_and_only_where_each_is_surely_written() {
    let (gateway, database) = harbour(InsertWindowSettings::default()).await;
    let row = |name: &str| json!({ "name": name });
    let more = json!({"name": "d", "tons": 4});
    let asked = [
        insert(&gateway, Some(LONG), "ships", row("a")),
        insert(&gateway, Some(LONG), "ships", row("b")),
        insert(&gateway, Some(LONG), "ships", json!({"name": "c", "tons": 3})),
        insert(&gateway, Some(LONG), "ships", more),
        // A trigger writes one of these and not the other.
        insert(&gateway, Some(LONG), "guarded", row("yes")),
        insert(&gateway, Some(LONG), "guarded", row("no")),
        // Those that do not ask wait for nobody.
        insert(&gateway, None, "ships", row("e")),
    ];
    let replies = join_all(asked).await;
    assert!(replies.iter().all(|reply| reply.status == 200), "{replies:?}");
    let names = replies.iter().map(|reply| reply.body["data"]["name"].as_str());
    let expected = [Some("a"), Some("b"), Some("c"), Some("d"), Some("yes"), None, Some("e")];
    assert_eq!(names.collect::<Vec<_>>(), expected);
    assert_eq!(transactions(&database, "ships").await, 3);
    let expected = InsertWindowEvents { flush_bulk: 2, ..Default::default() };
    assert_eq!(events(&gateway), expected);
}

#[tokio::test]
async fn the_settings_say_who_waits_how_many_and_which_tables_never_do() {
    let settings = InsertWindowSettings {
        length: Duration::from_secs(5),
        max_batch: 3,
        max_queued: 4,
        apart: vec!["public.odd".to_owned()],
    };
    let (gateway, database) = harbour(settings).await;
    let begun = std::time::Instant::now();
    // Three fill a statement, so nobody waits five seconds.
    let asked = (1..=3).map(|n| insert(&gateway, None, "ships", json!({"name": n.to_string()})));
    assert!(join_all(asked).await.iter().all(|reply| reply.status == 200));
    assert_eq!(insert(&gateway, None, "odd", json!({"n": 1})).await.status, 200);
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    assert_eq!(transactions(&database, "ships").await, 1);
    // Two wait in each of two lanes, and there is no place for a fifth.
    let tons = |n: i32| json!({"name": format!("t{n}"), "tons": n});
    let waiting = join_all([
        insert(&gateway, Some("500"), "ships", json!({"name": "w1"})),
        insert(&gateway, Some("500"), "ships", json!({"name": "w2"})),
        insert(&gateway, Some("500"), "ships", tons(1)),
        insert(&gateway, Some("500"), "ships", tons(2)),
    ]);
    let late = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        insert(&gateway, None, "ships", json!({"name": "late"})).await
    };
    let (waited, late) = tokio::join!(waiting, late);
    assert!(waited.iter().all(|reply| reply.status == 200) && late.status == 200);
    let expected =
        InsertWindowEvents { flush_bulk: 3, fallback_queue_full: 1, ..Default::default() };
    assert_eq!(events(&gateway), expected);
}

#[tokio::test]
async fn the_row_of_a_caller_who_leaves_is_not_written() {
    let (gateway, _database) = harbour(InsertWindowSettings::default()).await;
    let leaving = insert(&gateway, Some(LONG), "ships", json!({"name": "gone"}));
    assert!(tokio::time::timeout(Duration::from_millis(100), leaving).await.is_err());
    let stays = ["a", "b"].map(|name| insert(&gateway, Some(LONG), "ships", json!({"name": name})));
    for (reply, name) in join_all(stays).await.iter().zip(["a", "b"]) {
        assert_eq!(reply.body["data"]["name"], name, "{reply:?}");
    }
    let all = gateway.post("/gateway/fetch", r#"{"table_name":"ships","columns":["name"]}"#).await;
    assert_eq!(all.body["data"], json!([{"name": "a"}, {"name": "b"}]));
}

#[tokio::test]
async fn a_window_is_refused_where_nothing_waits_and_where_it_is_no_number() {
    let gateway = TestGateway::open();
    let headers = [("x-athena-client", "shop"), ("x-athena-insert-window", "5")];
    let body = r#"{"table_name":"invoices"}"#;
    for path in ["/gateway/fetch", "/gateway/update"] {
        let reply = gateway.call(Method::POST, path, &headers, body).await;
        assert_eq!((reply.status, &reply.body["code"]), (400, &json!("not_supported")), "{path}");
        assert_eq!(reply.body["details"]["header"], "x-athena-insert-window");
    }
    let reply = insert(&gateway, Some("soon"), "invoices", json!({"id": 7})).await;
    assert_eq!((reply.status, &reply.body["code"]), (400, &json!("invalid_header")), "{reply:?}");
    assert_eq!(gateway.statements(), 0);
    // A database that cannot answer rows in their order writes them one by one.
    let asked = (1..=3).map(|id| insert(&gateway, Some("50"), "invoices", json!({"id": id})));
    assert!(join_all(asked).await.iter().all(|reply| reply.status == 200));
    assert_eq!(gateway.statements(), 3);
}
