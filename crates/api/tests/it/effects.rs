//! What a change or a call makes stale, and what is kept, on a database that has triggers and rules.

use crate::support::{Reply, TestGateway, client};
use backend_postgres::{Postgres, PostgresSettings};
use gateway::ClientInfo;
use http::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use test_support::TestDatabase;

const TABLES: &str = "
    create table ships (id int primary key, name text, crew int not null default 0);
    create table ports (id int primary key, ship int references ships on delete cascade);
    create table log (id int generated always as identity, what text);
    create table orders (id int primary key, what text);
    create table rumours (id int primary key, what text);
    create table empty (id int primary key);
    insert into ships values (1, 'Argo', 50), (2, 'Beagle', 70), (3, 'Calypso', 20);
    insert into ports values (1, 1);
    insert into orders values (1, 'sail');
    create function write_down() returns trigger language plpgsql
        as $$ begin insert into log (what) values (tg_table_name); return null; end $$;
    create trigger each_row after insert or update on orders
        for each row execute function write_down();
    create trigger each_statement after update on empty
        for each statement execute function write_down();
    create rule heard as on insert to rumours do also insert into log (what) values (new.what);
    create function crewed(at_least int) returns setof ships language sql stable
        as $$ select * from ships where crew >= at_least $$;
    create function sail(ship int) returns int language sql volatile
        as $$ update ships set crew = crew - 1 where id = ship returning crew $$;
    create function noted(what text) returns text language sql volatile
        as $$ insert into log (what) values (what) returning what $$;";

const SHOP: (&str, &str) = ("x-athena-client", "shop");

/// A gateway that keeps answers, in front of a database of its own.
async fn live(info: ClientInfo) -> (TestGateway, TestDatabase) {
    let database = TestDatabase::create().await;
    database.run(TABLES).await;
    let gateway = TestGateway::caching();
    let settings = PostgresSettings::parse(database.uri()).unwrap();
    let backend = Arc::new(Postgres::connect(&settings));
    let upstream = gateway.gateway.registry().add(client("shop"), backend, info);
    upstream.schema().await.unwrap();
    (gateway, database)
}

async fn fetch(gateway: &TestGateway, table: &str) -> Reply {
    let body = json!({"table_name": table, "sort_by": {"field": "id"}});
    post(gateway, "/gateway/fetch", body).await
}

fn is_kept(reply: &Reply) -> bool {
    reply.header("x-athena-cached") == Some("true")
}

async fn post(gateway: &TestGateway, path: &str, body: Value) -> Reply {
    let reply = gateway.post(path, &body.to_string()).await;
    assert_eq!(reply.status, 200, "{path} {body} {reply:?}");
    reply
}

async fn delete(gateway: &TestGateway, body: Value) -> Reply {
    gateway.call(Method::DELETE, "/gateway/delete", &[SHOP], &body.to_string()).await
}

async fn rows(gateway: &TestGateway, table: &str) -> usize {
    fetch(gateway, table).await.body["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn what_a_trigger_or_a_rule_wrote_is_seen_by_the_next_read() {
    let (gateway, _database) = live(ClientInfo::default()).await;
    let first = json!([{"eq_column": "id", "eq_value": 1}]);
    assert_eq!(rows(&gateway, "log").await, 0);
    let update = json!({"table_name": "orders", "set": {"what": "rest"}, "conditions": first});
    post(&gateway, "/gateway/update", update).await;
    assert_eq!(rows(&gateway, "log").await, 1, "a trigger for each row");
    let row = json!({"id": 1, "what": "gold"});
    let insert = json!({"table_name": "rumours", "insert_body": row, "head": true});
    post(&gateway, "/gateway/insert", insert).await;
    assert_eq!(rows(&gateway, "log").await, 2, "a rule");
    let nothing = json!({"table_name": "empty", "set": {"id": 2}, "conditions": first});
    post(&gateway, "/gateway/update", nothing.clone()).await;
    assert_eq!(rows(&gateway, "log").await, 3, "a trigger for each statement, without a row");
    let operations = json!({"operations": [{"kind": "update", "payload": nothing}]});
    post(&gateway, "/gateway/transaction", operations).await;
    assert_eq!(rows(&gateway, "log").await, 4, "in a transaction");
    let text = "update empty set id = 2 where id = 1";
    post(&gateway, "/gateway/query", json!({ "query": text })).await;
    assert_eq!(rows(&gateway, "log").await, 5, "by SQL");
}

#[tokio::test]
async fn sql_that_names_one_table_makes_its_answers_stale_and_no_others() {
    let (gateway, _database) = live(ClientInfo::default()).await;
    for (text, kept) in [
        ("update ships set crew = 51 where id = 1", [false, false, true]),
        ("update ships set crew = 51 where id = 99", [true, true, true]),
        ("insert into public.ports values (2, 2)", [true, false, true]),
        (
            "insert into log (what) values (lower('A')); delete from ports where id = 2",
            [true, false, false],
        ),
        ("insert into log (what) values (noted('x'))", [false, false, false]),
        ("insert into log (what) select name from ships", [false, false, false]),
        ("with x as (delete from ports where id = 2) select 1", [false, false, false]),
        ("update orders set what = 'row'", [false, false, false]),
        ("truncate log", [false, false, false]),
    ] {
        for table in ["ships", "ports", "log"] {
            fetch(&gateway, table).await;
            assert!(is_kept(&fetch(&gateway, table).await), "{table} before {text}");
        }
        post(&gateway, "/gateway/query", json!({ "query": text })).await;
        for (table, kept) in ["ships", "ports", "log"].into_iter().zip(kept) {
            assert_eq!(is_kept(&fetch(&gateway, table).await), kept, "{table} after {text}");
        }
    }
}

fn crewed(more: Value) -> Value {
    let mut body =
        json!({"function": "crewed", "args": {"at_least": 40}, "order": {"column": "id"}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn the_answer_of_a_function_that_changes_nothing_is_kept_in_each_shape() {
    let (gateway, _database) = live(ClientInfo::default()).await;
    let body = crewed(json!({}));
    let fresh = post(&gateway, "/gateway/rpc", body.clone()).await;
    assert_eq!(fresh.header("x-athena-cache-outcome"), Some("miss_all_tiers"), "{fresh:?}");
    let kept = post(&gateway, "/gateway/rpc", body.clone()).await;
    assert!(is_kept(&kept));
    assert_eq!((&fresh.text, fresh.header("etag")), (&kept.text, kept.header("etag")));
    assert_eq!(kept.header("cache-control"), Some("private"));
    assert!(!kept.text.contains("request_id"), "{}", kept.text);
    for other in [
        json!({"args": {"at_least": 60}}),
        json!({"limit": 1}),
        json!({"limit": 20_000}),
        json!({"count": "exact"}),
        json!({"head": true}),
        json!({"select": "id"}),
        json!({"order": {"column": "id", "ascending": false}}),
    ] {
        assert!(!is_kept(&post(&gateway, "/gateway/rpc", crewed(other.clone())).await), "{other}");
    }
    let etag = kept.header("etag").unwrap().to_owned();
    let known = [SHOP, ("if-none-match", etag.as_str())];
    let known = gateway.call(Method::POST, "/gateway/rpc", &known, &body.to_string()).await;
    assert_eq!((known.status, known.text.as_str()), (304, ""));
    let anew = [SHOP, ("cache-control", "no-cache")];
    let anew = gateway.call(Method::POST, "/gateway/rpc", &anew, &body.to_string()).await;
    assert_eq!(anew.header("x-athena-cache-outcome"), Some("bypass_no_cache_header"));
}

#[tokio::test]
async fn a_functions_answer_is_kept_until_something_changes() {
    let (gateway, _database) = live(ClientInfo::default()).await;
    let call = async || post(&gateway, "/gateway/rpc", crewed(json!({}))).await;
    call().await;
    let sailed = post(&gateway, "/rpc/sail", json!({"ship": 1})).await;
    assert_eq!((sailed.header("etag"), &sailed.body["data"]), (None, &json!([49])), "{sailed:?}");
    assert!(sailed.text.contains("request_id"));
    let after = call().await;
    assert_eq!((is_kept(&after), &after.body["data"][0]["crew"]), (false, &json!(49)));
    assert!(is_kept(&call().await));
    let first = json!([{"eq_column": "id", "eq_value": 1}]);
    let update = json!({"table_name": "ships", "set": {"crew": 1}, "conditions": first});
    post(&gateway, "/gateway/update", update).await;
    let after = call().await;
    assert_eq!((is_kept(&after), after.body["data"].as_array().map(Vec::len)), (false, Some(1)));
}

#[tokio::test]
async fn a_count_is_told_beyond_the_last_row_of_a_function() {
    let (gateway, _database) = live(ClientInfo::default()).await;
    let beyond = crewed(json!({"count": "exact", "offset": 9}));
    let beyond = post(&gateway, "/gateway/rpc", beyond).await;
    assert_eq!((&beyond.body["data"], &beyond.body["count"]), (&json!([]), &json!(2)));
}

#[tokio::test]
async fn bounded_changes_touch_the_first_rows_of_an_order_and_say_how_many() {
    let (gateway, _database) = live(ClientInfo::default()).await;
    let update = json!({
        "table_name": "ships", "update_body": {"crew": 0}, "columns": ["name"],
        "conditions": [{"column": "crew", "operator": "gt", "value": 0}],
        "sort_by": {"field": "crew", "direction": "descending"}, "page_size": 1, "current_page": 2,
    });
    let updated = post(&gateway, "/gateway/update", update).await;
    assert_eq!(updated.body["data"], json!([{"name": "Argo"}]), "{updated:?}");
    assert_eq!(updated.body["affected_rows"], 1);
    let all = json!([{"column": "id", "operator": "gt", "value": 0}]);
    let one = delete(&gateway, json!({"table_name": "ships", "conditions": all, "limit": 1})).await;
    assert_eq!((one.status, &one.body["data"][0]["id"]), (200, &json!(1)), "{one:?}");
    assert_eq!(one.body["deleted_count"], 1);
    let keyless = json!({"table_name": "log", "conditions": all, "limit": 1});
    let refused = delete(&gateway, keyless).await;
    let refused = (refused.status, refused.body["code"].clone());
    assert_eq!(refused, (400, json!("no_primary_key")));
}

#[tokio::test]
async fn changes_answer_their_rows_with_what_is_related_to_them() {
    let (gateway, _database) = live(ClientInfo::default()).await;
    let row = json!({"id": 7, "ship": 2});
    let insert =
        json!({"table_name": "ports", "insert_body": row, "select": "id,ship:ships(name)"});
    let inserted = post(&gateway, "/gateway/insert", insert).await;
    let expected = json!({"id": 7, "ship": {"name": "Beagle"}});
    assert_eq!((&inserted.body["data"], &inserted.body["affected_rows"]), (&expected, &json!(1)));
    let update = json!({
        "table_name": "ships", "set": {"crew": 5}, "select": "name,ports(id)",
        "conditions": [{"column": "id", "operator": "in", "value": [2, 3]}],
    });
    let updated = post(&gateway, "/gateway/update", update).await;
    let mut data = updated.body["data"].as_array().unwrap().clone();
    data.sort_by_key(Value::to_string);
    let beagle = json!({"name": "Beagle", "ports": [{"id": 7}]});
    assert_eq!(data, [beagle, json!({"name": "Calypso", "ports": []})]);
    assert_eq!(updated.body["affected_rows"], 2);
    let deleted = json!({"table_name": "ports", "resource_id": 7, "select": "ships(name)"});
    let deleted = delete(&gateway, deleted).await;
    assert_eq!((deleted.status, &deleted.body["deleted_count"]), (200, &json!(1)), "{deleted:?}");
    assert_eq!(deleted.body["data"], json!([{"ships": {"name": "Beagle"}}]));
}

#[tokio::test]
async fn a_client_may_spell_names_otherwise_than_the_gateway() {
    let info = ClientInfo {
        snake_case: Some(true),
        response_case: Some(query::request::ResponseCase::Camel),
        ..ClientInfo::default()
    };
    let (gateway, database) = live(info).await;
    let settings = PostgresSettings::parse(database.uri()).unwrap();
    let table = r#"create table crews (id int primary key, first_mate text, "firstMate" text)"#;
    database.run(table).await;
    database.run("insert into crews values (1, 'Ann', 'Bob'), (2, 'Bob', 'Ann')").await;
    let backend = Arc::new(Postgres::connect(&settings));
    gateway.gateway.registry().add(client("plain"), backend, ClientInfo::default());
    let conditions = json!([{"eq_column": "firstMate", "eq_value": "Ann"}]);
    let body = json!({
        "table_name": "crews", "columns": ["id", "first_mate"], "conditions": conditions,
    });
    let camel = post(&gateway, "/gateway/fetch", body.clone()).await;
    assert_eq!(camel.body["data"], json!([{"id": 1, "firstMate": "Ann"}]), "{camel:?}");
    let operations = json!({"operations": [{"kind": "fetch", "payload": body}]});
    let together = post(&gateway, "/gateway/transaction", operations).await;
    assert_eq!(together.body["results"][0]["data"], camel.body["data"]);
    let counted = json!({"table_name": "crews", "conditions": [
        {"eq_column": "firstMate", "eq_value": "Ann"}, {"eq_column": "id", "eq_value": 1},
    ]});
    let counted = post(&gateway, "/query/count", counted).await;
    assert_eq!(counted.body["data"]["count"], 1);
    let ask = async |headers: &[(&str, &str)]| {
        let reply = gateway.call(Method::POST, "/gateway/fetch", headers, &body.to_string()).await;
        reply.body["data"].clone()
    };
    let plain = ask(&[("x-athena-client", "plain")]).await;
    assert_eq!(plain, json!([{"id": 2, "first_mate": "Bob"}]), "another client is left alone");
    let asked = ask(&[SHOP, ("x-athena-response-case", "as_is")]).await;
    assert_eq!(asked, json!([{"id": 1, "first_mate": "Ann"}]), "a header wins");
}
