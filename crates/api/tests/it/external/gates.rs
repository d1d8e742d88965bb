//! The gates: who may write, who may run SQL, and what is never altered.

use super::{Abroad, customers, only, where_id, writing};
use crate::support::{Reply, client};
use api::ApiSettings;
use auth::Caller;
use datasources::External;
use gateway::{Access, ClientInfo, Gateway, GatewaySettings, Keyring, federation::ensure_managed};
use http::Method;
use query::{
    ApiRequest,
    request::{InsertRequest, RelationName, Representation},
};
use serde_json::{Value, json};

fn is_forbidden(reply: &Reply) {
    let (status, code, _) = reply.refusal();
    assert_eq!((status, code), (403, "EXTERNAL_WRITE_FORBIDDEN"), "{reply:?}");
}

/// Insert, update and delete, each about one row of its own.
fn writes() -> [(Method, &'static str, Value); 3] {
    let insert = json!({"table_name": "customers", "insert_body": {"id": 7, "name": "Gus"}});
    let update = json!({"table_name": "customers", "set": {"level": 9}, "conditions": where_id(1)});
    let delete = json!({"table_name": "customers", "conditions": where_id(2)});
    [
        (Method::PUT, "/gateway/insert", insert),
        (Method::POST, "/gateway/update", update),
        (Method::DELETE, "/gateway/delete", delete),
    ]
}

const UNTOUCHED: &str =
    "select count(*) from crm.t_cust where (cust_id, lvl) in ((1, 3), (2, 1), (3, 2))";

#[tokio::test]
async fn check_41_a_write_needs_the_clients_word_and_the_resources() {
    for (terms, writable, is_allowed) in [
        (External::default(), true, false),
        (writing(), false, false),
        (External::default(), false, false),
        (writing(), true, true),
    ] {
        let abroad = Abroad::with(terms).await;
        let mut wish = customers();
        wish["writable"] = writable.into();
        let object = abroad.import("crm.t_cust", wish).await;
        assert_eq!(object["effectiveWritable"], is_allowed);
        for (method, path, body) in writes() {
            let reply = abroad.data(method, path, body).await;
            if is_allowed {
                assert_eq!(reply.status, 200, "{path} {reply:?}");
            } else {
                is_forbidden(&reply);
            }
        }
        if is_allowed {
            assert_eq!(abroad.count("select lvl from crm.t_cust where cust_id = 1").await, 9);
            assert_eq!(abroad.count("select count(*) from crm.t_cust where cust_id = 2").await, 0);
            assert_eq!(abroad.count("select count(*) from crm.t_cust where nm = 'Gus'").await, 1);
        } else {
            assert_eq!(abroad.count(UNTOUCHED).await, 3);
        }
    }
}

#[tokio::test]
async fn a_table_that_was_not_imported_is_never_written_to() {
    let abroad = Abroad::with(writing()).await;
    let mut wish = customers();
    wish["writable"] = true.into();
    abroad.import("crm.t_cust", wish).await;
    let rows = [
        ("crm", "t_cust", json!({"cust_id": 7, "nm": "Gus"})),
        ("public", "orders", json!({"tenant": 7, "no": 7})),
    ];
    for (schema, table, row) in rows {
        let body = json!({"table_name": table, "table_schema": schema, "insert_body": row});
        is_forbidden(&abroad.data(Method::PUT, "/gateway/insert", body).await);
    }
    assert_eq!(abroad.count("select count(*) from public.orders").await, 1);
}

#[tokio::test]
async fn check_42_transactions_and_the_console_pass_the_same_gate() {
    let abroad = Abroad::with(External::default()).await;
    let mut wish = customers();
    wish["writable"] = true.into();
    abroad.import("crm.t_cust", wish).await;
    let operations = json!({"operations": [
        {"kind": "fetch", "payload": {"table_name": "customers"}},
        {"kind": "insert", "payload": {"table_name": "customers", "insert_body": {"id": 7, "name": "Gus"}}},
    ]});
    let reply = abroad.data(Method::POST, "/gateway/transaction", operations).await;
    is_forbidden(&reply);
    let row = json!({"id": 7, "name": "Gus"}).as_object().unwrap().clone();
    let insert = ApiRequest::Insert(InsertRequest {
        relation: RelationName { schema: None, name: "customers".to_owned() },
        rows: vec![row],
        on_conflict: None,
        representation: Representation::default(),
    });
    let refused =
        abroad.gateway.gateway.run(&Caller::person("1"), &client("crm"), insert).await.unwrap_err();
    assert_eq!(refused.problem().code, "EXTERNAL_WRITE_FORBIDDEN");
    assert_eq!(abroad.count(UNTOUCHED).await, 3);
}

#[tokio::test]
async fn check_43_sql_that_writes_is_refused_and_what_it_did_is_rolled_back() {
    let abroad = Abroad::with(External::default()).await;
    for text in [
        "insert into public.orders values (2, 2, 'x')",
        "select public.sneak()",
        "with gone as (delete from public.orders returning *) select * from gone",
        "select 1; update public.orders set note = 'x'",
        "do $$ begin delete from public.orders; end $$",
    ] {
        for path in ["/gateway/query", "/gateway/sql", "/query/sql"] {
            let body = json!({"query": text, "db_name": "crm", "driver": "postgresql"});
            let body = if path == "/gateway/query" { json!({"query": text}) } else { body };
            let reply = abroad.data(Method::POST, path, body).await;
            is_forbidden(&reply);
        }
    }
    let call = json!({"function": "sneak"});
    is_forbidden(&abroad.data(Method::POST, "/gateway/rpc", call).await);
    let same = "select count(*) from public.orders where note = 'first'";
    assert_eq!(abroad.count(same).await, 1);
    assert_eq!(abroad.count("select count(*) from public.orders").await, 1);
    let read = json!({"query": "select count(*)::int as n from public.orders o join crm.t_cust c on true"});
    let reply = abroad.data(Method::POST, "/gateway/query", read).await;
    assert_eq!(reply.body["data"], json!([{"n": 3}]), "{reply:?}");
}

#[tokio::test]
async fn sql_may_write_where_the_client_allows_it_and_still_alters_nothing() {
    let abroad = Abroad::with(writing()).await;
    let change = json!({"query": "update public.orders set note = 'changed' where no = 1"});
    let reply = abroad.data(Method::POST, "/gateway/query", change).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(abroad.count("select count(*) from public.orders where note = 'changed'").await, 1);
    let alter = json!({"query": "create table public.ours (id int)"});
    let reply = abroad.data(Method::POST, "/gateway/query", alter).await;
    assert_eq!(reply.refusal().1, "EXTERNAL_SCHEMA_MODE_VIOLATION");
}

#[tokio::test]
async fn check_44_structure_is_altered_on_managed_clients_only() {
    let abroad = Abroad::with(External::default()).await;
    let registry = abroad.gateway.gateway.registry();
    let refused = ensure_managed(&registry.get(&client("crm")).unwrap()).unwrap_err();
    let problem = gateway::GatewayError::from(refused).problem();
    assert_eq!((problem.status, problem.code.as_str()), (403, "EXTERNAL_SCHEMA_MODE_VIOLATION"));
    let ours = abroad.edit("ours", None);
    assert!(ensure_managed(&ours).is_ok());
    for text in [
        "drop table public.orders",
        "alter table public.orders add x int",
        "truncate public.orders",
    ] {
        let reply = abroad.data(Method::POST, "/gateway/query", json!({"query": text})).await;
        assert_eq!(reply.refusal().1, "EXTERNAL_SCHEMA_MODE_VIOLATION", "{text}");
    }
    assert_eq!(abroad.count("select count(*) from public.orders").await, 1);
}

#[tokio::test]
async fn sql_on_a_client_that_shows_some_schemas_takes_a_right_of_its_own() {
    let abroad = Abroad::with(only(&["crm"])).await;
    let keyring = Keyring::start(abroad.store.clone()).await;
    let gateway = Gateway::new(
        GatewaySettings::default(),
        Access::with_keyring(&keyring).administered(super::ADMIN),
    );
    let registry = abroad.gateway.gateway.registry();
    let crm = registry.get(&client("crm")).unwrap();
    let info = ClientInfo::clone(&crm.info());
    gateway.registry().add(client("crm"), std::sync::Arc::clone(crm.backend()), info);
    let guarded = crate::support::TestGateway::around(gateway, ApiSettings::default());
    let admin = [("x-athena-key", super::ADMIN)];
    for (rights, is_let_in) in
        [(json!(["gateway.*"]), false), (json!(["gateway.sql", "datasources.sql"]), true)]
    {
        let body = json!({"name": "k", "rights": rights}).to_string();
        let made = guarded.call(Method::POST, "/admin/api-keys", &admin, &body).await;
        let key = made.body["data"]["api_key"].as_str().unwrap().to_owned();
        let headers = [("x-athena-client", "crm"), ("x-athena-key", key.as_str())];
        let body =
            json!({"query": "select amount from hr.pay", "db_name": "crm", "driver": "postgresql"});
        let reply = guarded.call(Method::POST, "/gateway/sql", &headers, &body.to_string()).await;
        let expected = if is_let_in { 200 } else { 403 };
        assert_eq!(reply.status, expected, "{rights} {reply:?}");
    }
}
