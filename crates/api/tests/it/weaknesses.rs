//! What was weak in the reference and is in no other file here.

use crate::{
    access::{ADMIN, House},
    support::{TestGateway, client},
};
use api::{ApiSettings, ROUTES, Right};
use backend_postgres::{Postgres, PostgresSettings};
use gateway::{Access, ClientInfo};
use http::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use test_support::TestDatabase;

async fn database(sql: &str) -> (TestDatabase, Arc<Postgres>) {
    let database = TestDatabase::create().await;
    database.run(sql).await;
    let settings = PostgresSettings::parse(database.uri()).unwrap();
    (database, Arc::new(Postgres::connect(&settings)))
}

#[tokio::test]
async fn a_key_that_only_writes_is_not_told_what_columns_there_are() {
    let house = House::build().await;
    let condition = json!([{"eq_column": "id", "eq_value": 1}]);
    let update = json!({"table_name": "invoices", "set": {"nope": 1}, "conditions": condition});
    let ask = async |rights: &[&str]| {
        let (key, _) = house.key(rights).await;
        let headers = [("x-athena-client", "shop"), ("apikey", key.as_str())];
        let body = update.to_string();
        house.gateway.call(Method::POST, "/gateway/update", &headers, &body).await
    };
    let narrow = ask(&["invoices.write"]).await;
    assert_eq!((narrow.status, &narrow.body["code"]), (400, &json!("unknown_column")));
    assert!(!narrow.text.contains("paid_at"), "{narrow:?}");
    let wide = ask(&["invoices.write", "invoices.read"]).await;
    assert!(wide.text.contains("paid_at"), "{wide:?}");
}

#[tokio::test]
async fn a_table_may_have_more_columns_than_a_function_has_arguments() {
    let columns = (1..=150).map(|n| format!("c{n} int default {n}")).collect::<Vec<_>>().join(", ");
    let sql =
        format!("create table wide (id int primary key, {columns}); insert into wide values (1)");
    let (_database, backend) = database(&sql).await;
    let gateway = TestGateway::open();
    gateway.gateway.registry().add(client("shop"), backend, ClientInfo::default());
    let read = gateway.post("/gateway/fetch", r#"{"table_name":"wide"}"#).await;
    let row = read.body["data"][0].as_object().unwrap();
    assert_eq!((row.len(), &row["c150"]), (151, &json!(150)), "{read:?}");
    let row = json!({"table_name": "wide", "insert_body": {"id": 2, "c149": 0}}).to_string();
    let written = gateway.post("/gateway/insert", &row).await;
    assert_eq!(written.body["data"].as_object().map(serde_json::Map::len), Some(151));
}

#[tokio::test]
async fn tables_of_one_name_are_told_apart_by_client_and_schema() {
    let (_one, first) = database(
        "create table ships (id uuid primary key, name text);
         create schema harbour; create table harbour.ships (berth int primary key)",
    )
    .await;
    let (_two, second) = database("create table ships (number int primary key, flag text)").await;
    let gateway = TestGateway::caching();
    gateway.gateway.registry().add(client("first"), first, ClientInfo::default());
    gateway.gateway.registry().add(client("second"), second, ClientInfo::default());
    let insert = async |client: &str, table: &str, row: Value| {
        let body = json!({"table_name": table, "insert_body": row}).to_string();
        let headers = [("x-athena-client", client)];
        gateway.call(Method::PUT, "/gateway/insert", &headers, &body).await
    };
    let id = "7f1d0c2a-0000-4000-8000-0000003e4f00";
    for (client, table, row) in [
        ("first", "ships", json!({"id": id, "name": "7"})),
        ("second", "ships", json!({"number": "7", "flag": id})),
        ("first", "harbour.ships", json!({"berth": 7})),
    ] {
        let reply = insert(client, table, row.clone()).await;
        assert_eq!(reply.status, 200, "{client} {table} {reply:?}");
        let body = json!({ "table_name": table }).to_string();
        let headers = [("x-athena-client", client)];
        let read = gateway.call(Method::POST, "/gateway/fetch", &headers, &body).await;
        assert_eq!(read.body["data"].as_array().map(Vec::len), Some(1), "{client} {table}");
    }
    let other = insert("second", "ships", json!({"id": id})).await;
    assert_eq!((other.status, &other.body["code"]), (400, &json!("unknown_column")));
}

#[tokio::test]
async fn without_a_store_administrators_are_asked_for_their_key_first_and_then_told_so() {
    let access = Access::open().administered(ADMIN);
    let gateway = TestGateway::with(access, ApiSettings::default());
    // Without a store the settings say what is let in, and what is not built says that.
    let needs_none = ["/admin/admission-limits", "/admin/provision/instances"];
    let listed = ROUTES.iter().filter(|route| {
        matches!(route.right, Right::Admin | Right::Operator(_))
            && route.method == Method::GET
            && route.path.starts_with("/admin/")
            && !route.path.contains('{')
            && !needs_none.contains(&route.path)
    });
    let (mut asked, mut wrong) = (0, Vec::new());
    for route in listed {
        let stranger = gateway.call(Method::GET, route.path, &[], "").await;
        assert_eq!(stranger.status, 401, "{} {stranger:?}", route.path);
        let shown = [("x-athena-key", ADMIN)];
        let known = gateway.call(Method::GET, route.path, &shown, "").await;
        let is_refused = (400..500).contains(&known.status) && route.path.contains("provision");
        if known.status != 503 && !is_refused {
            wrong.push(format!("{} {}", route.path, known.text));
        }
        asked += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 10, "only {asked} were asked");
}
