//! Who may change structure, and where.

use super::house::{ADMIN, House};
use http::Method;
use serde_json::{Value, json};
use test_support::TestDatabase;

const TABLES: &str = "/management/tables";
const SHIPS: &str = "create table ships (id int primary key, name text)";

/// Each route with a body that is right, and the right it needs.
fn routes() -> Vec<(Method, &'static str, Value, &'static str)> {
    let column = json!({"operations": [{"type": "drop_not_null", "column_name": "name"}]});
    let table = json!({"operations": [{"type": "rename_table", "to": "boats"}]});
    let function =
        json!({"ddl": "create or replace function f() returns int language sql as 'select 1'"});
    vec![
        (Method::GET, "/management/capabilities", Value::Null, "management.read"),
        (Method::GET, TABLES, Value::Null, "management.read"),
        (Method::GET, "/management/tables/ships", Value::Null, "management.read"),
        (Method::GET, "/management/indexes", Value::Null, "management.read"),
        (Method::GET, "/management/extensions", Value::Null, "management.read"),
        (Method::GET, "/management/audit-log", Value::Null, "management.read"),
        (Method::GET, "/management/functions", Value::Null, "management.functions.read"),
        (Method::POST, TABLES, json!({"table_name": "t"}), "management.tables.write"),
        (Method::PATCH, "/management/tables/ships", column, "management.columns.write"),
        (Method::PATCH, "/management/tables/ships", table, "management.tables.write"),
        (Method::DELETE, "/management/tables/ships", json!({}), "management.tables.drop"),
        (
            Method::DELETE,
            "/management/tables/ships/columns/name",
            json!({}),
            "management.columns.drop",
        ),
        (
            Method::POST,
            "/management/indexes",
            json!({"table_name": "ships", "columns": ["name"]}),
            "management.indexes.write",
        ),
        (Method::DELETE, "/management/indexes/x", json!({}), "management.indexes.drop"),
        (
            Method::POST,
            "/management/extensions/install",
            json!({"extension_name": "citext"}),
            "management.extensions.write",
        ),
        (Method::PUT, "/management/functions", function, "management.functions.write"),
        (
            Method::DELETE,
            "/management/functions",
            json!({"function_name": "f"}),
            "management.functions.drop",
        ),
        (
            Method::GET,
            "/management/provision/local/databases",
            Value::Null,
            "management.provision.write",
        ),
        (
            Method::POST,
            "/management/provision/local/databases",
            json!({"database_name": "never"}),
            "management.provision.write",
        ),
    ]
}

#[tokio::test]
async fn every_route_of_structure_needs_its_own_right_and_no_right_over_data_is_one() {
    let house = House::build(SHIPS).await;
    let data =
        house.key_with(&["gateway.*", "*.read", "*.write", "schema.read"], Some("shop")).await;
    let unbound = house.key_with(&["management.*"], None).await;
    for (method, path, body, right) in routes() {
        // Nothing is done, so that the next one finds the table as it was.
        let path = match method {
            Method::GET => path.to_owned(),
            _ => format!("{path}?dry_run=true"),
        };
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let refused = house.send_as(&data, method.clone(), &path, &body).await;
        assert_eq!(
            (refused.status, &refused.body["code"]),
            (403, &json!("missing_right")),
            "{method} {path}"
        );
        let own = house.key_with(&[right], Some("shop")).await;
        for key in [own.as_str(), &unbound, ADMIN] {
            let let_in = house.send_as(key, method.clone(), &path, &body).await;
            assert_eq!(let_in.status, 200, "{method} {path} {let_in:?}");
        }
        let others = house.key_with(&[right], Some("elsewhere")).await;
        let refused = house.send_as(&others, method.clone(), &path, &body).await;
        assert_eq!(
            (refused.status, &refused.body["code"]),
            (403, &json!("api_key_client_mismatch")),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_list_of_operations_needs_the_right_of_each() {
    let house = House::build(SHIPS).await;
    let writer = house.key_with(&["management.columns.write"], Some("shop")).await;
    let ask = async |operations: Value| {
        let body = json!({"operations": operations}).to_string();
        house.send_as(&writer, Method::PATCH, "/management/tables/ships", &body).await
    };
    let drops = ask(json!([{"type": "drop_default", "column_name": "name"}, {"type": "drop_column", "column_name": "name"}])).await;
    assert_eq!(
        (drops.status, &drops.body["details"]["missing_rights"]),
        (403, &json!(["management.columns.drop"])),
        "{drops:?}"
    );
    let renames = ask(json!([{"type": "rename_table", "to": "boats"}])).await;
    assert_eq!(
        (renames.status, &renames.body["details"]["missing_rights"]),
        (403, &json!(["management.tables.write"]))
    );
    assert_eq!(ask(json!([{"type": "drop_default", "column_name": "name"}])).await.status, 200);
}

#[tokio::test]
async fn a_key_is_demanded_for_structure_even_where_none_is_for_data() {
    let house = House::build(SHIPS).await;
    house.control.run("update api_key_config set enforce_api_keys = false").await;
    let open = [("x-athena-client", "shop")];
    let mut data = 0;
    for _ in 0..100 {
        data = house
            .gateway
            .call(Method::POST, "/gateway/fetch", &open, r#"{"table_name":"ships"}"#)
            .await
            .status;
        if data == 200 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(data, 200);
    let body = json!({"table_name": "t"}).to_string();
    let no_key = house.gateway.call(Method::POST, TABLES, &open, &body).await;
    assert_eq!((no_key.status, &no_key.body["code"]), (401, &json!("api_key_required")));
    let wrong = house.send_as("ath_0123456789abcdef.wrong", Method::POST, TABLES, &body).await;
    assert_eq!((wrong.status, &wrong.body["code"]), (401, &json!("invalid_api_key")));
    let right = house.send(Method::POST, TABLES, &body).await;
    assert_eq!(right.status, 201, "{right:?}");
}

#[tokio::test]
async fn the_client_is_asked_for_first_and_a_foreign_key_learns_of_none() {
    let (house, other) = tokio::join!(House::build(SHIPS), TestDatabase::create());
    for path in ["/management/capabilities", "/management/provision/local/databases"] {
        let none = house.gateway.call(Method::GET, path, &[], "").await;
        assert_eq!(
            (none.status, &none.body["code"]),
            (400, &json!("missing_client_header")),
            "{path}"
        );
        let unknown =
            house.gateway.call(Method::GET, path, &[("x-athena-client", "nobody")], "").await;
        assert_eq!(
            (unknown.status, &unknown.body["code"]),
            (400, &json!("unknown_client")),
            "{path}"
        );
        let mut answers = Vec::new();
        house.add("other", other.uri()).await;
        for client in ["nobody", "other"] {
            let headers = [("x-athena-client", client), ("x-athena-key", house.key.as_str())];
            let reply = house.gateway.call(Method::GET, path, &headers, "").await;
            answers.push((reply.status, reply.body["code"].clone(), reply.body["message"].clone()));
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0].0, 403);
    }
}

#[tokio::test]
async fn capabilities_say_what_the_key_in_hand_may_do() {
    let house = House::build(SHIPS).await;
    let key = house
        .key_with(&["management.read", "management.indexes.write", "gateway.read"], Some("shop"))
        .await;
    let reply = house.send_as(&key, Method::GET, "/management/capabilities", "").await;
    let data = &reply.body["data"];
    assert_eq!(data["backend"], "postgresql");
    assert_eq!(data["granted_rights"], json!(["management.indexes.write", "management.read"]));
    let required = data["required_rights"].as_array().unwrap();
    let allowed: Vec<_> = required
        .iter()
        .filter(|one| one["allowed"] == true)
        .map(|one| one["operation"].as_str().unwrap())
        .collect();
    assert!(
        allowed.contains(&"POST /management/indexes")
            && !allowed.contains(&"POST /management/tables"),
        "{allowed:?}"
    );
    for (method, path, _, right) in routes() {
        let listed = required.iter().any(|one| {
            let (verb, shape) = one["operation"].as_str().unwrap().split_once(' ').unwrap();
            let same_length = shape.split('/').count() == path.split('/').count();
            let fits = shape
                .split('/')
                .zip(path.split('/'))
                .all(|(shape, part)| shape.starts_with('{') || shape == part);
            verb == method.as_str() && same_length && fits && one["required_right"] == right
        });
        assert!(listed, "{method} {path} with {right} is not in {required:?}");
    }
}

#[tokio::test]
async fn nobody_changes_the_tables_of_the_gateway_itself() {
    let house = House::build(SHIPS).await;
    house.add_unread("control", house.control.uri());
    let headers = [("x-athena-client", "control"), ("x-athena-key", ADMIN)];
    for (method, path, body) in [
        (Method::DELETE, "/management/tables/api_keys", json!({"cascade": true})),
        (Method::POST, TABLES, json!({"table_name": "t"})),
    ] {
        let reply = house.gateway.call(method, path, &headers, &body.to_string()).await;
        assert_eq!(
            (reply.status, &reply.body["code"]),
            (403, &json!("control_store_protected")),
            "{reply:?}"
        );
    }
    let provision =
        house.admin(Method::POST, "/admin/provision", &json!({"client_name": "control"})).await;
    assert_eq!(
        (provision.status, &provision.body["code"]),
        (403, &json!("control_store_protected"))
    );
    house.control.run("do $$ begin assert to_regclass('t') is null and to_regclass('api_keys') is not null; end $$").await;
}
