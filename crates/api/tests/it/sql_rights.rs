//! Who may run SQL, functions, counts and transactions, and what their SQL may do.

use crate::{access::House, support::Reply};
use http::Method;
use query::Access;
use serde_json::{Value, json};

async fn ask(house: &House, key: &str, path: &str, body: &Value) -> Reply {
    let headers = [("x-athena-client", "shop"), ("x-athena-key", key)];
    house.gateway.call(Method::POST, path, &headers, &body.to_string()).await
}

fn missing(reply: &Reply) -> (u16, &Value) {
    (reply.status, &reply.body["details"]["missing_rights"][0])
}

#[tokio::test]
async fn each_door_needs_its_right_for_the_client_it_leads_to() {
    let house = House::build().await;
    let (reader, _) = house.key(&["gateway.read"]).await;
    let doors = [
        ("/gateway/query", json!({"query": "select now()"}), "gateway.query"),
        ("/gateway/sql", json!({"query": "select now()"}), "gateway.sql"),
        ("/query/sql", json!({"query": "select now()"}), "gateway.sql"),
        ("/query/count", json!({"query": "select count(*) from invoices"}), "gateway.sql"),
        ("/gateway/rpc", json!({"function": "nothing"}), "gateway.rpc.execute"),
        ("/rpc/nothing", json!({}), "gateway.rpc.execute"),
    ];
    for (path, body, right) in &doors {
        let refused = ask(&house, &reader, path, body).await;
        assert_eq!(missing(&refused), (403, &json!(right)), "{path} {refused:?}");
        let nobody = house.gateway.post(path, &body.to_string()).await;
        assert_eq!(nobody.status, 401, "{path}");
    }
    assert_eq!((house.gateway.statements(), house.gateway.backend.scripts().len()), (0, 0));
    // A key of one client opens that client's door, although it is bound.
    let (owner, _) = house.key(&["gateway.query", "gateway.sql", "gateway.rpc.execute"]).await;
    for (path, body, _) in &doors[..3] {
        assert_eq!(ask(&house, &owner, path, body).await.status, 200, "{path}");
    }
    assert_eq!(ask(&house, &owner, doors[4].0, &doors[4].1).await.body["code"], "unknown_function");
    let elsewhere = [("x-athena-client", "books"), ("x-athena-key", owner.as_str())];
    let body = doors[0].1.to_string();
    let reply = house.gateway.call(Method::POST, "/gateway/query", &elsewhere, &body).await;
    assert_eq!((reply.status, &reply.body["code"]), (403, &json!("api_key_client_mismatch")));
    let named = json!({"query": "select 1", "db_name": "books"}).to_string();
    let headers = [("x-athena-key", owner.as_str())];
    let reply = house.gateway.call(Method::POST, "/query/sql", &headers, &named).await;
    assert_eq!((reply.status, &reply.body["code"]), (403, &json!("api_key_client_mismatch")));
}

#[tokio::test]
async fn sql_only_reads_unless_its_caller_may_write() {
    let house = House::build().await;
    let (reader, _) = house.key(&["gateway.query"]).await;
    let refused =
        ask(&house, &reader, "/gateway/query", &json!({"query": "drop table invoices"})).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("read_only_query")));
    let hidden = json!({"query": "with x as (delete from invoices returning *) select * from x"});
    ask(&house, &reader, "/gateway/query", &hidden).await;
    let (writer, _) = house.key(&["gateway.query", "gateway.write"]).await;
    ask(&house, &writer, "/gateway/query", &hidden).await;
    let access: Vec<Access> =
        house.gateway.backend.scripts().iter().map(|script| script.access).collect();
    assert_eq!(access, [Access::ReadOnly, Access::ReadWrite]);
}

#[tokio::test]
async fn a_read_by_key_in_sql_needs_the_right_of_its_table_alone() {
    let house = House::build().await;
    let (key, _) = house.key(&["invoices.read"]).await;
    let text =
        |table: &str| json!({"query": format!("SELECT * FROM \"{table}\" WHERE \"id\" = 1;")});
    assert_eq!(ask(&house, &key, "/gateway/query", &text("invoices")).await.status, 200);
    let refused = ask(&house, &key, "/gateway/query", &text("secrets")).await;
    assert_eq!(missing(&refused), (403, &json!("secrets.read")));
    assert_eq!((house.gateway.statements(), house.gateway.backend.scripts().len()), (1, 0));
}

#[tokio::test]
async fn every_operation_of_a_transaction_is_permitted_before_any_runs() {
    let house = House::build().await;
    let (key, _) = house.key(&["invoices.write", "invoices.read"]).await;
    let insert = json!({"kind": "insert", "payload": {"table_name": "invoices", "insert_body": {"status": "paid"}}});
    let read = |table: &str| json!({"kind": "fetch", "payload": {"table_name": table}});
    let body = json!({"operations": [insert, read("secrets")]});
    let refused = ask(&house, &key, "/gateway/transaction", &body).await;
    assert_eq!(missing(&refused), (403, &json!("secrets.read")));
    assert_eq!(refused.body["details"]["operation"], 1);
    assert_eq!(house.gateway.statements(), 0);
    let body = json!({"operations": [insert, read("invoices")]});
    assert_eq!(ask(&house, &key, "/gateway/transaction", &body).await.status, 200);
}
