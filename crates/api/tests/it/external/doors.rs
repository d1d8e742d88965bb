//! Check 42 by the doors that are open to everybody, that open later, and that change structure.

use super::{ADMIN, Abroad, Terms, customers, info, terms, writing};
use crate::support::{Reply, client};
use backend_postgres::{Postgres, PostgresSettings};
use datasources::External;
use gateway::DeferredWorker;
use http::Method;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const UNTOUCHED: &str =
    "select count(*) from crm.t_cust where (cust_id, lvl) in ((1, 3), (2, 1), (3, 2))";

fn is_forbidden(reply: &Reply) {
    let (status, code, _) = reply.refusal();
    assert_eq!((status, code), (403, "EXTERNAL_WRITE_FORBIDDEN"), "{reply:?}");
}

/// `customers`, which may be written to as far as the resource is concerned.
async fn with_customers(external: External) -> Abroad {
    let abroad = Abroad::with(external).await;
    let mut wish = customers();
    wish["writable"] = true.into();
    abroad.import("crm.t_cust", wish).await;
    abroad
}

fn writes() -> [(&'static str, Value); 3] {
    [
        ("insert", json!({"insert_body": {"id": 7, "name": "Gus"}})),
        ("update", json!({"set": {"level": 9}, "conditions": super::where_id(1)})),
        ("delete", json!({"conditions": super::where_id(2)})),
    ]
}

#[tokio::test]
async fn check_42_public_routes_pass_the_same_gate() {
    for is_allowed in [false, true] {
        let external = if is_allowed { writing() } else { External::default() };
        let abroad = with_customers(external).await;
        let route = json!({
            "route_key": "customers", "client_name": "crm", "table_name": "customers",
            "allowed_ops": ["fetch", "insert", "update", "delete"],
        });
        let headers = [("x-athena-key", ADMIN)];
        let path = "/admin/public-routes";
        let made = abroad.gateway.call(Method::POST, path, &headers, &route.to_string()).await;
        assert!(made.status < 300, "{made:?}");
        for (op, body) in writes() {
            let path = format!("/public/customers/{op}");
            let reply = abroad.gateway.call(Method::POST, &path, &[], &body.to_string()).await;
            if is_allowed {
                assert_eq!(reply.status, 200, "{op} {reply:?}");
            } else {
                is_forbidden(&reply);
            }
        }
        let untouched = abroad.count(UNTOUCHED).await;
        assert_eq!(untouched == 3, !is_allowed, "{untouched}");
        let read = abroad.gateway.call(Method::POST, "/public/customers/fetch", &[], "{}").await;
        assert_eq!(read.status, 200, "{read:?}");
    }
}

#[tokio::test]
async fn check_42_deferred_work_passes_the_gate_when_it_is_done_and_not_only_when_it_is_filed() {
    let abroad = with_customers(writing()).await;
    let file = async |body: Value| {
        let headers = [("x-athena-client", "crm"), ("x-athena-defer", "true")];
        let body = body.to_string();
        let filed = abroad.gateway.call(Method::PUT, "/gateway/insert", &headers, &body).await;
        assert_eq!(filed.status, 202, "{filed:?}");
        filed.body["data"]["request_id"].as_str().unwrap().to_owned()
    };
    let insert =
        |id: i64| json!({"table_name": "customers", "insert_body": {"id": id, "name": "Gus"}});
    let (allowed, forbidden) = (file(insert(7)).await, file(insert(8)).await);
    // Only the first is done before the client says otherwise.
    let worker = DeferredWorker::start(&abroad.gateway.gateway).unwrap();
    assert_eq!(over(&abroad, &allowed).await["status"], "completed");
    let done = over(&abroad, &forbidden).await;
    assert_eq!(done["status"], "completed", "{done}");
    worker.stop().await;

    let late = file(insert(9)).await;
    edit(&abroad, terms(External::default())).await;
    let worker = DeferredWorker::start(&abroad.gateway.gateway).unwrap();
    let over = over(&abroad, &late).await;
    assert_eq!(over["status"], "dead_letter", "{over}");
    assert_eq!(over["error_code"], "EXTERNAL_WRITE_FORBIDDEN", "{over}");
    worker.stop().await;
    assert_eq!(abroad.count("select count(*) from crm.t_cust where cust_id = 9").await, 0);
    assert_eq!(abroad.count("select count(*) from crm.t_cust where cust_id in (7, 8)").await, 2);
}

/// The client under other terms.
async fn edit(abroad: &Abroad, terms: Terms) {
    let backend = Postgres::connect(&PostgresSettings::parse(abroad.remote.uri()).unwrap());
    let registry = abroad.gateway.gateway.registry();
    let upstream = registry.add(client("crm"), Arc::new(backend), info("crm", Some(terms)));
    upstream.schema().await.unwrap();
}

/// A deferred request when it is over.
async fn over(abroad: &Abroad, id: &str) -> Value {
    let path = format!("/gateway/deferred/{id}");
    for _ in 0..500 {
        let headers = [("x-athena-key", ADMIN)];
        let reply = abroad.gateway.call(Method::GET, &path, &headers, "").await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let status = reply.body["data"]["status"].as_str().unwrap().to_owned();
        if !["queued", "running"].contains(&status.as_str()) {
            return reply.body["data"].clone();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{id} is never over");
}

#[tokio::test]
async fn check_42_management_changes_no_structure_of_others_even_where_rows_may_be_written() {
    let abroad = with_customers(writing()).await;
    let headers = [("x-athena-client", "crm"), ("x-athena-key", ADMIN)];
    let columns = json!([{"name": "note", "data_type": "text"}]);
    let changes = json!([{"type": "drop_not_null", "column_name": "note"}]);
    let function = "create or replace function public.one() returns int language sql as 'select 1'";
    for (method, path, body) in [
        (Method::POST, "/management/tables", json!({"table_name": "ours", "columns": columns})),
        (Method::PATCH, "/management/tables/orders", json!({"operations": changes})),
        (Method::DELETE, "/management/tables/orders", json!({})),
        (Method::DELETE, "/management/tables/orders/columns/note", json!({})),
        (Method::POST, "/management/indexes", json!({"table_name": "orders", "columns": ["note"]})),
        (Method::PUT, "/management/functions", json!({"ddl": function})),
        (Method::POST, "/management/extensions/install", json!({"extension_name": "citext"})),
    ] {
        let reply = abroad.gateway.call(method.clone(), path, &headers, &body.to_string()).await;
        let (status, code, _) = reply.refusal();
        assert_eq!((status, code), (403, "EXTERNAL_SCHEMA_MODE_VIOLATION"), "{path} {reply:?}");
    }
    let objects =
        "select count(*) from pg_class where relname = 'ours' or relname like 'orders_note%'";
    assert_eq!(abroad.count(objects).await, 0);
    assert_eq!(abroad.count("select count(note) from public.orders").await, 1);
}
