//! What is open to everybody, and nothing beside it.

use crate::{
    office::{Office, until},
    support::{Reply, TestGateway},
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const ROUTES: &str = "/admin/public-routes";

async fn open(office: &Office, route: Value) -> Value {
    office.data_of(Method::POST, ROUTES, &route).await["route"].clone()
}

/// Nobody shows a key here, although this gateway demands one everywhere else.
async fn visit(node: &TestGateway, path: &str, body: &Value) -> Reply {
    node.call(Method::POST, &format!("/public/{path}"), &[], &body.to_string()).await
}

async fn office() -> Office {
    let office = Office::build().await;
    let route = json!({
        "route_key": "Harbour/Ships", "client_name": "Shop", "table_name": "ships",
        "allowed_ops": ["fetch", "insert", "update", "delete"],
        "columns": ["id", "name"],
        "forced_conditions": [{"eq_column": "tenant", "eq_value": 1}],
        "max_limit": 10,
    });
    let made = open(&office, route).await;
    assert_eq!(
        (&made["route_key"], &made["client_name"]),
        (&json!("harbour/ships"), &json!("shop"))
    );
    assert_eq!(made["allowed_ops"], json!(["delete", "fetch", "insert", "update"]));
    office
}

fn names(reply: &Reply) -> Vec<&str> {
    let rows = reply.body["data"].as_array().unwrap_or_else(|| panic!("{reply:?}"));
    rows.iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_route_reads_its_rows_and_columns_and_no_trick_reaches_others() {
    let office = office().await;
    let fetch = async |body: Value| visit(&office.node, "harbour/ships/fetch", &body).await;
    let all = fetch(json!({"sort_by": {"field": "id", "direction": "asc"}})).await;
    assert_eq!((all.status, names(&all)), (200, vec!["Argo", "Boat"]), "{all:?}");
    assert!(all.body["data"][0].get("secret").is_none(), "{all:?}");
    assert_eq!(fetch(json!({"table_name": "ships", "columns": ["name"]})).await.status, 200);
    assert_eq!(fetch(json!({"table_name": "public.ships"})).await.status, 200);
    for (body, status, code) in [
        (json!({"table_name": "crew"}), 400, "route_table_mismatch"),
        (json!({"table_name": "no_such"}), 400, "route_table_mismatch"),
        (json!({"schema": "pg_catalog", "table_name": "pg_user"}), 400, "route_table_mismatch"),
        (json!({"columns": ["secret"]}), 400, "unknown_column"),
        (json!({"columns": ["tenant"]}), 400, "unknown_column"),
        (json!({"conditions": [{"eq_column": "secret", "eq_value": "c"}]}), 400, "unknown_column"),
        (json!({"conditions": [{"eq_column": "tenant", "eq_value": 2}]}), 400, "unknown_column"),
        (json!({"sort_by": {"field": "secret", "direction": "asc"}}), 400, "unknown_column"),
        (json!({"select": "id,crew(name)"}), 400, "unknown_relationship"),
        (json!({"nonsense": 1}), 400, "unknown_field"),
    ] {
        let reply = fetch(body.clone()).await;
        assert_eq!((reply.status, &reply.body["code"]), (status, &json!(code)), "{body} {reply:?}");
        assert!(
            !reply.text.contains("secret\"]") && !reply.text.contains("tenant\"]"),
            "{reply:?}"
        );
    }
    let or = json!({"where": {"or": [{"id": {"eq": 3}}, {"id": {"eq": 1}}]}});
    assert_eq!(names(&fetch(or).await), ["Argo"], "the condition stands beside theirs");
    // Asked again it is answered from memory, for the same rows.
    let again = fetch(json!({"sort_by": {"field": "id", "direction": "asc"}})).await;
    assert_eq!(names(&again), ["Argo", "Boat"]);
}

#[tokio::test]
async fn writes_through_a_route_stay_within_its_conditions() {
    let office = office().await;
    let node = &office.node;
    let insert =
        visit(node, "harbour/ships/insert", &json!({"insert_body": {"id": 10, "name": "Dhow"}}))
            .await;
    assert_eq!(insert.status, 200, "{insert:?}");
    let claimed = json!({"insert_body": {"id": 11, "name": "x", "Tenant": 2}});
    let refused = visit(node, "harbour/ships/insert", &claimed).await;
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (400, &json!("unknown_column")),
        "{refused:?}"
    );
    let upsert = json!({"insert_body": {"id": 3, "name": "mine"}, "on_conflict": "id"});
    let upsert = visit(node, "harbour/ships/insert", &upsert).await;
    assert_eq!(
        (upsert.status, &upsert.body["code"]),
        (403, &json!("op_not_allowed")),
        "{upsert:?}"
    );
    let of = |id: i32| json!([{"eq_column": "id", "eq_value": id}]);
    for id in [1, 3] {
        let update = json!({"set": {"name": "renamed"}, "conditions": of(id)});
        assert_eq!(visit(node, "harbour/ships/update", &update).await.status, 200);
    }
    let moved = json!({"set": {"tenant": 2}, "conditions": of(1)});
    assert_eq!(visit(node, "harbour/ships/update", &moved).await.body["code"], "unknown_column");
    for id in [2, 3] {
        let delete = visit(node, "harbour/ships/delete", &json!({"resource_id": id})).await;
        assert_eq!(
            (delete.status, &delete.body["count"]),
            (200, &json!(i32::from(id == 2))),
            "{delete:?}"
        );
    }
    let mut connection = office.data.connect().await;
    let rows: Vec<(i32, String, i32)> =
        sqlx::query_as("select id, name, tenant from ships order by id")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    let expected =
        [(1, "renamed".to_owned(), 1), (3, "Canoe".to_owned(), 2), (10, "Dhow".to_owned(), 1)];
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn a_route_lets_nobody_do_what_it_does_not_allow() {
    let office = office().await;
    let node = &office.node;
    for (path, status, code) in [
        ("harbour/ships/not-an-op", 400, "invalid_op"),
        ("harbour/ships/query", 403, "op_not_allowed"),
        ("harbour%20ships/fetch", 400, "invalid_route_key"),
        ("nothing/fetch", 404, "unknown_public_route"),
    ] {
        let reply = visit(node, path, &json!({})).await;
        assert_eq!((reply.status, &reply.body["code"]), (status, &json!(code)), "{path} {reply:?}");
    }
    for name in ["x-jdbc-url", "idempotency-key", "x-athena-defer"] {
        let headers = [(name, "true")];
        let reply = node.call(Method::POST, "/public/harbour/ships/fetch", &headers, "{}").await;
        assert_eq!((reply.status, &reply.body["code"]), (400, &json!("not_supported")), "{name}");
    }
    let elsewhere = [("x-athena-client", "another")];
    let led = node.call(Method::POST, "/public/harbour/ships/fetch", &elsewhere, "{}").await;
    assert_eq!(led.status, 200, "the route says which client it is");
    let path = "/admin/public-routes/harbour%2Fships";
    office.data_of(Method::PATCH, path, &json!({"is_active": false})).await;
    let closed = visit(node, "harbour/ships/fetch", &json!({})).await;
    assert_eq!((closed.status, &closed.body["code"]), (403, &json!("route_inactive")));
    assert_eq!(closed.body["message"], "Public route is inactive");
    let gone = office.data_of(Method::DELETE, path, &Value::Null).await;
    assert!(gone["route"]["deleted_at"].is_string());
    assert_eq!(visit(node, "harbour/ships/fetch", &json!({})).await.status, 404);
    assert_eq!(
        office.admin(Method::DELETE, path, &Value::Null).await.body["code"],
        "unknown_public_route"
    );
    // Its key is free again.
    let again = json!({"route_key": "harbour/ships", "client_name": "shop", "allowed_ops": ["fetch"], "table_name": "ships"});
    open(&office, again.clone()).await;
    let taken = office.admin(Method::POST, ROUTES, &again).await;
    assert_eq!((taken.status, &taken.body["code"]), (409, &json!("route_key_taken")));
    office.flush().await;
    let outcomes = office
        .kept("select string_agg(distinct outcome, ',' order by outcome) from gateway_route_request_log
               where source = 'public_route'")
        .await;
    for outcome in
        ["forwarded_ok", "invalid_op", "op_not_allowed", "route_inactive", "route_not_found"]
    {
        assert!(outcomes.contains(outcome), "{outcome} is not in {outcomes}");
    }
}

#[tokio::test]
async fn sql_through_a_route_is_the_routes_own_and_only_reads() {
    let office = office().await;
    let saved = json!({
        "route_key": "count", "client_name": "shop", "allowed_ops": ["query"],
        "saved_query": "select count(*)::int as n from ships where tenant = $1",
    });
    open(&office, saved).await;
    let query = async |path: &str, body: Value| visit(&office.node, path, &body).await;
    let counted = query("count/query", json!({"params": [1]})).await;
    assert_eq!((counted.status, &counted.body["data"]), (200, &json!([{"n": 2}])), "{counted:?}");
    let own = query("count/query", json!({"query": "select 1"})).await;
    assert_eq!((own.status, &own.body["code"]), (400, &json!("route_query_fixed")));
    let writes = json!({"route_key": "w", "client_name": "shop", "allowed_ops": ["query"], "saved_query": "delete from ships"});
    assert_eq!(office.admin(Method::POST, ROUTES, &writes).await.status, 403);
    let none = json!({"route_key": "w", "client_name": "shop", "allowed_ops": ["query"]});
    let refused = office.admin(Method::POST, ROUTES, &none).await;
    assert_eq!((refused.status, &refused.body["details"]["field"]), (400, &json!("saved_query")));
    let raw = json!({"route_key": "raw", "client_name": "shop", "allowed_ops": ["query"], "allow_raw_sql": true});
    open(&office, raw).await;
    assert_eq!(
        query("raw/query", json!({"query": "select 1 as n"})).await.body["data"],
        json!([{"n": 1}])
    );
    let deleted = query("raw/query", json!({"query": "delete from ships"})).await;
    assert_eq!(deleted.status, 403, "{deleted:?}");
    // That it was allowed is on record.
    let trail = office.data_of(Method::GET, "/admin/audit?subject=raw", &Value::Null).await;
    assert_eq!(trail["rows"][0]["action"], "public_route.created");
    assert_eq!(trail["rows"][0]["after"]["allow_raw_sql"], true);
    assert_eq!(trail["rows"][0]["actor"], "admin");
}

#[tokio::test]
async fn other_nodes_open_and_close_routes_within_a_second() {
    let office = office().await;
    let second = office.second().await;
    let status = async || visit(&second, "harbour/ships/fetch", &json!({})).await.status;
    until(Duration::from_secs(5), async || status().await == 200).await;
    let path = "/admin/public-routes/harbour%2Fships";
    // The feed has to be listening before it can hear.
    office.data_of(Method::PATCH, path, &json!({"is_active": false})).await;
    until(Duration::from_secs(5), async || status().await == 403).await;
    for (is_active, expected) in [(true, 200), (false, 403)] {
        office.data_of(Method::PATCH, path, &json!({"is_active": is_active})).await;
        until(Duration::from_secs(1), async || status().await == expected).await;
    }
}

#[tokio::test]
async fn without_a_store_there_are_no_routes_and_the_operation_is_looked_at_first() {
    let gateway = TestGateway::open();
    let reply = visit(&gateway, "x/not-an-op", &json!({})).await;
    assert_eq!((reply.status, &reply.body["code"]), (400, &json!("invalid_op")));
    let reply = visit(&gateway, "x/fetch", &json!({})).await;
    assert_eq!(reply.refusal(), (503, "route_registry_unavailable", "Route registry unavailable"));
}
