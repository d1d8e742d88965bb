//! Indexes beside running writes, and how long a change keeps others waiting.

use super::house::House;
use gateway::admin::management::ManagementSettings;
use http::Method;
use serde_json::json;
use std::time::{Duration, Instant};

const INDEXES: &str = "/management/indexes";
const SHIPS: &str = "create table ships (id int, name text, kind text, at tsvector);
    insert into ships select n, 'x', 'y' from generate_series(1, 100) n";

#[tokio::test]
async fn indexes_of_every_method_are_made_and_listed() {
    let house = House::build(SHIPS).await;
    for (name, body) in [
        ("a", json!({"columns": ["id"], "unique": true, "include": ["name"]})),
        ("b", json!({"columns": ["name"], "method": "hash"})),
        ("c", json!({"columns": ["at"], "method": "gin"})),
        ("d", json!({"columns": ["at"], "method": "gist"})),
        ("e", json!({"columns": ["id"], "method": "brin"})),
        ("f", json!({"columns": ["name"], "method": "spgist"})),
        (
            "g",
            json!({"columns": [{"column": "name", "order": "desc", "nulls": "last"}], "where": {"column": "kind", "operator": "in", "value": ["y", "o'z"]}}),
        ),
        ("h", json!({"columns": ["id"], "concurrently": true})),
    ] {
        let mut body = body;
        body["table_name"] = "ships".into();
        body["index_name"] = name.into();
        let made = house.ask(Method::POST, INDEXES, &body).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    let listed = house.get("/management/indexes?table_name=ships").await;
    let all = listed.body["data"]["indexes"].as_array().unwrap();
    let methods: Vec<_> = all.iter().map(|one| one["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["btree", "hash", "gin", "gist", "brin", "spgist", "btree", "btree"]);
    assert_eq!((&all[0]["is_unique"], &all[0]["included"]), (&json!(true), &json!(["name"])));
    assert!(all[6]["condition"].as_str().unwrap().contains("o''z"), "{all:?}");
    let gone = house.send(Method::DELETE, "/management/indexes/h?concurrently=true", "").await;
    assert_eq!(gone.status, 200, "{gone:?}");
}

#[tokio::test]
async fn an_index_that_could_not_be_finished_leaves_nothing_behind() {
    let house = House::build(SHIPS).await;
    let body = json!({"table_name": "ships", "index_name": "one", "columns": ["name"], "unique": true, "concurrently": true});
    let failed = house.ask(Method::POST, INDEXES, &body).await;
    assert_eq!(
        (failed.status, &failed.body["code"]),
        (409, &json!("unique_violation")),
        "{failed:?}"
    );
    house.shop.run("do $$ begin assert to_regclass('one') is null, 'half an index'; end $$").await;
    // The same name can be used at once.
    let body = json!({"table_name": "ships", "index_name": "one", "columns": ["id"], "concurrently": true});
    assert_eq!(house.ask(Method::POST, INDEXES, &body).await.status, 201);
    // And one of that name that is there stays when another is refused.
    let body = json!({"table_name": "ships", "index_name": "one", "columns": ["name"], "concurrently": true});
    let taken = house.ask(Method::POST, INDEXES, &body).await;
    assert_eq!(taken.status, 409, "{taken:?}");
    house.shop.run("do $$ begin assert to_regclass('one') is not null; end $$").await;
}

#[tokio::test]
async fn a_change_waits_for_a_lock_no_longer_than_allowed() {
    let management = ManagementSettings {
        lock_timeout: Duration::from_millis(200),
        ..ManagementSettings::default()
    };
    let house = House::with(SHIPS, management).await;
    let mut holder = house.shop.connect().await;
    sqlx::Executor::execute(&mut holder, sqlx::raw_sql("begin; select count(*) from ships"))
        .await
        .unwrap();
    let began = Instant::now();
    let refused = house.send(Method::DELETE, "/management/tables/ships", "").await;
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (503, &json!("lock_not_available")),
        "{refused:?}"
    );
    assert!(began.elapsed() < Duration::from_secs(5));
    sqlx::Executor::execute(&mut holder, sqlx::raw_sql("rollback")).await.unwrap();
    assert_eq!(house.send(Method::DELETE, "/management/tables/ships", "").await.status, 200);
}
