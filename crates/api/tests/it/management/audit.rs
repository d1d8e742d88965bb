//! What is written down of a change of structure, whatever becomes of it.

use super::house::House;
use crate::support::TestGateway;
use http::Method;
use serde_json::{Value, json};

const TABLES: &str = "/management/tables";

async fn changes(house: &House) -> Vec<Value> {
    let reply = house.get("/management/audit-log").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.body["data"]["changes"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_failed_change_is_written_down_and_nothing_of_it_stays() {
    let house = House::build("create table ships (id int primary key)").await;
    let operations = json!({"operations": [
        {"type": "add_column", "column": {"name": "mast", "data_type": "int"}},
        {"type": "set_not_null", "column_name": "nothing"},
    ]});
    let headers =
        [("x-athena-client", "shop"), ("x-athena-key", house.key.as_str()), ("x-user-id", "u1")];
    let failed = house
        .gateway
        .call(Method::PATCH, "/management/tables/ships", &headers, &operations.to_string())
        .await;
    assert_eq!(
        (failed.status, &failed.body["details"]["statement"]),
        (400, &json!(1)),
        "{failed:?}"
    );
    let columns = house.get("/management/tables/ships").await;
    assert!(!columns.text.contains("mast"), "{columns:?}");
    // What the database refuses of a function's body is written down as well.
    let ddl = "create or replace function f() returns int language sql as 'selec 1'";
    let function = house.ask(Method::PUT, "/management/functions", &json!({ "ddl": ddl })).await;
    assert_eq!(
        (function.status, &function.body["code"]),
        (400, &json!("syntax_error")),
        "{function:?}"
    );
    let made = house.ask(Method::POST, TABLES, &json!({"table_name": "crew"})).await;
    assert_eq!(made.status, 201);

    let rows = changes(&house).await;
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            json!([
                row["operation"],
                row["object_type"],
                row["object_name"],
                row["status"],
                row["error_code"]
            ])
        })
        .collect();
    assert_eq!(
        shown,
        [
            json!(["create_table", "table", "crew", "success", null]),
            json!(["upsert_function", "function", "f()", "failed", "syntax_error"]),
            json!(["edit_table", "table", "ships", "failed", "undefined_column"]),
        ]
    );
    assert_eq!(rows[0]["management_audit_id"], made.body["data"]["audit_id"]);
    let edit = &rows[2];
    assert_eq!(edit["claimed"]["x-user-id"], "u1");
    assert!(edit["actor"].as_str().unwrap().starts_with("key:"), "{edit}");
    assert_eq!(edit["executed_sql"].as_array().unwrap().len(), 2);
    assert!(
        edit["duration_ms"].is_number()
            && edit["finished_at"].is_string()
            && edit["request_id"].is_string()
    );
    assert!(!format!("{rows:?}").contains(&house.key));
    house.control.run("do $$ begin
        assert (select count(*) from admin_audit where action like 'management.%' and outcome = 'failed') = 2, 'in the chain';
        assert (select count(*) from admin_audit where action = 'management.create_table' and outcome = 'done') = 1, 'in the chain';
    end $$").await;
}

#[tokio::test]
async fn what_was_written_down_is_neither_changed_nor_removed() {
    let house = House::build("").await;
    house.ask(Method::POST, TABLES, &json!({"table_name": "crew"})).await;
    for forbidden in [
        "update management_audit set actor = 'nobody'",
        "update management_audit set status = 'failed'",
        "delete from management_audit",
        "truncate management_audit",
    ] {
        let check = format!(
            "do $$ begin
            begin {forbidden}; exception when raise_exception then return; end;
            assert false, 'it was done';
        end $$"
        );
        house.control.run(&check).await;
    }
}

#[tokio::test]
async fn a_change_that_cannot_be_written_down_is_not_made() {
    let house = House::build("").await;
    house.control.run("alter table management_audit rename to away").await;
    let refused = house.ask(Method::POST, TABLES, &json!({"table_name": "crew"})).await;
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (503, &json!("audit_unavailable")),
        "{refused:?}"
    );
    house.shop.run("do $$ begin assert to_regclass('crew') is null; end $$").await;
}

#[tokio::test]
async fn who_was_refused_is_written_down() {
    let house = House::build("").await;
    let key = house.key_with(&["gateway.*"], Some("shop")).await;
    let refused =
        house.send_as(&key, Method::POST, TABLES, &json!({"table_name": "crew"}).to_string()).await;
    assert_eq!(refused.status, 403);
    house.control.run("do $$ begin
        assert (select count(*) from admin_audit where action = 'management.refused' and outcome = 'refused'
            and subject = 'shop' and after like '%management.tables.write%') = 1;
    end $$").await;
}

#[tokio::test]
async fn a_caller_who_leaves_does_not_stop_the_change_nor_what_is_written_of_it() {
    let house = House::build("create table ships (id int); create table held (id int)").await;
    let mut holder = house.shop.connect().await;
    sqlx::Executor::execute(&mut holder, sqlx::raw_sql("begin; lock table ships")).await.unwrap();
    let body = json!({"operations": [{"type": "add_column", "column": {"name": "mast", "data_type": "int"}}]}).to_string();
    let headers = [("x-athena-client", "shop"), ("x-athena-key", house.key.as_str())];
    let asked = house.gateway.call(Method::PATCH, "/management/tables/ships", &headers, &body);
    assert!(tokio::time::timeout(std::time::Duration::from_millis(600), asked).await.is_err());
    sqlx::Executor::execute(&mut holder, sqlx::raw_sql("rollback")).await.unwrap();
    let mut status = Value::Null;
    for _ in 0..100 {
        status = changes(&house).await.first().map(|row| row["status"].clone()).unwrap_or_default();
        if status == "success" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(status, "success");
}

#[tokio::test]
async fn without_a_control_store_structure_is_not_changed() {
    let gateway = TestGateway::open();
    let headers = [("x-athena-client", "shop"), ("x-athena-key", "ath_0123456789abcdef.x")];
    let reply = gateway.call(Method::POST, TABLES, &headers, r#"{"table_name":"t"}"#).await;
    assert_eq!((reply.status, &reply.body["code"]), (503, &json!("store_not_configured")));
}
