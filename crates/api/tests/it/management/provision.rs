//! Our tables in a client's database, and new databases on its server.

use super::house::House;
use crate::support::client;
use http::Method;
use serde_json::{Value, json};
use test_support::TestDatabase;

const LOCAL: &str = "/admin/provision/local/databases";

#[tokio::test]
async fn a_clients_database_is_provisioned_once_and_managed_as_before() {
    let house = House::build("").await;
    let status = async || {
        house.admin(Method::GET, "/admin/provision/status?client_name=Shop", &Value::Null).await
    };
    let before = status().await;
    assert_eq!(before.body["data"]["provisioned"], false, "{before:?}");
    let provision = async || {
        house.admin(Method::POST, "/admin/provision", &json!({"client_name": "shop"})).await
    };
    let first = provision().await;
    assert_eq!(first.status, 200, "{first:?}");
    assert!(first.body["data"]["statements_executed"].as_u64().unwrap() >= 7, "{first:?}");
    assert_eq!(
        (&first.body["data"]["client"], &first.body["data"]["registered"]),
        (&json!("shop"), &Value::Null)
    );
    assert_eq!(provision().await.body["data"]["statements_executed"], 0);
    let after = status().await;
    assert_eq!(
        (&after.body["data"]["provisioned"], &after.body["data"]["missing_tables"]),
        (&json!(true), &json!([])),
        "{after:?}"
    );
    let made = house.ask(Method::POST, "/management/tables", &json!({"table_name": "crew"})).await;
    assert_eq!(made.status, 201, "{made:?}");
    // The steps are there or they are not: one that was changed is not passed over.
    house.shop.run("update _sqlx_migrations set checksum = 'x' where version = 1; drop table console_users cascade").await;
    let altered = provision().await;
    assert_eq!(
        (altered.status, &altered.body["code"]),
        (409, &json!("provision_failed")),
        "{altered:?}"
    );
    house.shop.run("do $$ begin assert to_regclass('console_users') is null; end $$").await;
}

#[tokio::test]
async fn provisioning_that_breaks_off_leaves_nothing() {
    // A table of the same name as one of ours, in the middle of the steps.
    let house = House::build("create table console_users (id int)").await;
    let failed =
        house.admin(Method::POST, "/admin/provision", &json!({"client_name": "shop"})).await;
    assert_eq!(failed.status, 409, "{failed:?}");
    house.shop.run("do $$ begin assert to_regclass('api_keys') is null and to_regclass('_sqlx_migrations') is null; end $$").await;
}

#[tokio::test]
async fn a_database_is_provisioned_by_its_address_which_nobody_is_told() {
    let house = House::build("").await;
    let other = TestDatabase::create().await;
    let reply = house.admin(Method::POST, "/admin/provision", &json!({"uri": other.uri()})).await;
    assert_eq!((reply.status, &reply.body["data"]["registered"]), (200, &Value::Null), "{reply:?}");
    assert!(!reply.text.contains(other.uri()));
    other.run("do $$ begin assert to_regclass('api_keys') is not null; end $$").await;
    let cases = [
        (json!({}), 400, "invalid_field"),
        (json!({"uri": other.uri(), "client_name": "shop"}), 400, "invalid_field"),
        (json!({"uri": "not an address"}), 400, "invalid_field"),
        (json!({"uri": "postgresql://nobody@127.0.0.1:1/x"}), 503, "provision_failed"),
        (json!({"client_name": "nobody"}), 400, "unknown_client"),
        (json!({"client_name": "shop", "extra": 1}), 400, "unknown_field"),
        // It is not done, so it is not said to be.
        (json!({"uri": other.uri(), "register": true}), 501, "not_built"),
    ];
    for (body, status, code) in cases {
        let reply = house.admin(Method::POST, "/admin/provision", &body).await;
        assert_eq!((reply.status, &reply.body["code"]), (status, &json!(code)), "{body} {reply:?}");
    }
}

#[tokio::test]
async fn no_database_is_provisioned_where_no_client_may_lead() {
    let house = House::build("").await;
    for place in [
        "postgresql://me:hunter2@169.254.169.254/x",
        "postgresql://me:hunter2@127.0.0.1/x?hostaddr=169.254.169.254",
        "postgresql://me:hunter2@127.0.0.1/x?host=169.254.169.254",
        "postgresql://me:hunter2@[::ffff:169.254.169.254]/x",
        "postgresql://me:hunter2@127.0.0.1,100.100.100.200/x",
    ] {
        let reply = house.admin(Method::POST, "/admin/provision", &json!({ "uri": place })).await;
        let seen = (reply.status, &reply.body["code"]);
        assert_eq!(seen, (403, &json!("address_not_allowed")), "{place} {reply:?}");
        assert!(!reply.text.contains("hunter2"), "{reply:?}");
    }
}

#[tokio::test]
async fn a_new_database_is_made_provisioned_named_and_answers_at_once() {
    let house = House::build("").await;
    let name = format!("made_{}", house.shop.name());
    let body = json!({"client_name": "shop", "database_name": name, "register_name": "annex", "template": "template0"});
    let made = house.admin(Method::POST, LOCAL, &body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let pipeline = &made.body["data"]["pipeline"];
    assert_eq!(
        (
            &pipeline["provision_schema"],
            &pipeline["register_runtime"],
            &pipeline["register_catalog"]
        ),
        (&json!(true), &json!(true), &json!(false)),
        "{made:?}"
    );
    assert_eq!(pipeline["failures"], json!({}));
    let headers = [("x-athena-client", "annex"), ("x-athena-key", super::house::ADMIN)];
    let upstream = house.gateway.gateway.registry().get(&client("annex")).unwrap();
    upstream.schema().await.unwrap();
    let table = house
        .gateway
        .call(Method::POST, "/management/tables", &headers, r#"{"table_name":"crew"}"#)
        .await;
    assert_eq!(table.status, 201, "{table:?}");
    let listed = house.admin(Method::GET, &format!("{LOCAL}?client_name=shop"), &Value::Null).await;
    let all = listed.body["data"]["all_databases"].as_array().unwrap();
    assert!(all.contains(&json!(name)), "{listed:?}");
    let managed = listed.body["data"]["athena_managed_databases"].as_array().unwrap();
    for (client, database) in [("annex", name.as_str()), ("shop", house.shop.name())] {
        assert!(
            managed.contains(&json!({"client_name": client, "database_name": database})),
            "{managed:?}"
        );
    }
    let again = house
        .admin(
            Method::POST,
            LOCAL,
            &json!({"client_name": "shop", "database_name": name, "register_name": "second"}),
        )
        .await;
    assert_eq!((again.status, &again.body["code"]), (409, &json!("duplicate_object")), "{again:?}");
    let taken = house
        .admin(
            Method::POST,
            LOCAL,
            &json!({"client_name": "shop", "database_name": "x", "register_name": "annex"}),
        )
        .await;
    assert_eq!((taken.status, &taken.body["code"]), (409, &json!("client_exists")));
    let catalogue = json!({"client_name": "shop", "database_name": format!("{name}_b"), "provision_schema": false, "register_runtime": false, "register_catalog": true});
    let told = house.admin(Method::POST, LOCAL, &catalogue).await;
    assert_eq!(
        (told.status, &told.body["data"]["pipeline"]["register_catalog"]),
        (201, &json!(false))
    );
    assert!(told.body["data"]["pipeline"]["failures"]["register_catalog"].is_string(), "{told:?}");
    upstream.backend().close().await;
}

#[tokio::test]
async fn a_tenants_key_names_a_new_database_only_below_its_own_name() {
    let house = House::build("").await;
    let key = house.key_with(&["management.provision.write"], Some("shop")).await;
    let path = "/management/provision/local/databases";
    let neighbour = TestDatabase::create().await;
    house.add("neighbour", neighbour.uri()).await;
    let listed = house.send_as(&key, Method::GET, path, "").await;
    let managed = &listed.body["data"]["athena_managed_databases"];
    assert_eq!(
        managed,
        &json!([{"client_name": "shop", "database_name": house.shop.name()}]),
        "{listed:?}"
    );
    let copy = json!({"database_name": "x", "template": house.control.name()}).to_string();
    let copied = house.send_as(&key, Method::POST, path, &copy).await;
    assert_eq!((copied.status, &copied.body["details"]["field"]), (400, &json!("template")));
    for name in ["control", "shop", "logging"] {
        let body = json!({"database_name": "x", "register_name": name}).to_string();
        let reply = house.send_as(&key, Method::POST, path, &body).await;
        assert_eq!(
            (reply.status, &reply.body["code"]),
            (400, &json!("invalid_field")),
            "{name} {reply:?}"
        );
    }
    let body =
        json!({"database_name": "x", "register_name": "shop_b", "dry_run": true}).to_string();
    let told = house.send_as(&key, Method::POST, path, &body).await;
    assert_eq!(
        (told.status, &told.body["data"]["statements"]),
        (200, &json!(["CREATE DATABASE \"x\""])),
        "{told:?}"
    );
}

#[tokio::test]
async fn provisioning_is_for_administrators_and_what_is_not_built_says_so() {
    let house = House::build("").await;
    let routes = [
        (Method::POST, "/admin/provision", 400),
        (Method::GET, "/admin/provision/status", 400),
        (Method::GET, LOCAL, 400),
        (Method::POST, LOCAL, 400),
        (Method::POST, "/admin/provision/local/pipeline", 501),
        (Method::GET, "/admin/provision/instances", 501),
        (Method::POST, "/admin/provision/instances", 501),
        (Method::GET, "/admin/provision/instances/x", 501),
        (Method::DELETE, "/admin/provision/instances/x", 501),
        (Method::POST, "/admin/provision/providers/neon", 501),
    ];
    for (method, path, status) in routes {
        let none = house.gateway.call(method.clone(), path, &[], "{}").await;
        assert_eq!(none.status, 401, "{method} {path}");
        let reply = house.admin(method.clone(), path, &json!({})).await;
        assert_eq!(reply.status, status, "{method} {path} {reply:?}");
    }
    let shared = json!({"client_name": "shop", "mode": "shared_cluster_database"});
    let reply = house.admin(Method::POST, "/admin/provision/local/pipeline", &shared).await;
    assert_eq!(
        (reply.status, &reply.body["details"]["field"]),
        (400, &json!("shared_cluster_client_name"))
    );
}

#[tokio::test]
async fn a_server_that_is_away_gets_no_database_and_its_client_is_called_known() {
    let house = House::build("").await;
    house.add_unread("away", "postgres://nobody@127.0.0.1:1/x");
    let path = format!("{LOCAL}?client_name=away");
    let listed = house.admin(Method::GET, &path, &json!(null)).await;
    assert_eq!(listed.status, 503, "{listed:?}");
    let body = json!({"client_name": "away", "database_name": "x"});
    let made = house.admin(Method::POST, LOCAL, &body).await;
    assert_eq!(made.status, 503, "{made:?}");
    let body = json!({"client_name": "nobody", "database_name": "x"});
    assert_eq!(house.admin(Method::POST, LOCAL, &body).await.status, 400);
}

#[tokio::test]
async fn a_new_database_may_have_a_user_of_its_own_whose_password_is_shown_once() {
    let house = House::build("").await;
    let name = format!("owned_{}", house.shop.name());
    let body = json!({"client_name": "shop", "database_name": name, "register_name": "owned", "role": true});
    let made = house.admin(Method::POST, LOCAL, &body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let role = &made.body["data"]["role"];
    assert_eq!(role["name"], name.as_str());
    let password = role["password"].as_str().unwrap();
    assert!(
        made.body["data"]["statements"][0].as_str().unwrap().ends_with("PASSWORD '(hidden)'"),
        "{made:?}"
    );
    assert_eq!(made.body["data"]["pipeline"]["provision_schema"], true, "{made:?}");
    // What the database keeps is what it would have made of the password itself.
    let headers = [("x-athena-client", "owned"), ("x-athena-key", super::house::ADMIN)];
    let upstream = house.gateway.gateway.registry().get(&client("owned")).unwrap();
    upstream.schema().await.unwrap();
    let who = json!({"query": "select current_user::text as who"}).to_string();
    let key = house.key_with(&["*"], Some("owned")).await;
    let headers_of_key = [("x-athena-client", "owned"), ("x-athena-key", key.as_str())];
    let reply = house.gateway.call(Method::POST, "/gateway/query", &headers_of_key, &who).await;
    assert_eq!(reply.body["data"], json!([{"who": name}]), "{reply:?}");
    let logged = house.gateway.call(Method::GET, "/management/audit-log", &headers, "").await;
    let shop = house.get("/management/audit-log").await;
    for text in [&logged.text, &shop.text] {
        assert!(!text.contains(password) && !text.contains("SCRAM"), "{text}");
    }
    assert!(shop.text.contains("create_role"), "{shop:?}");
    let again = house.admin(Method::POST, LOCAL, &json!({"client_name": "shop", "database_name": name, "register_name": "b", "role": {"name": "left_over"}})).await;
    assert_eq!(again.status, 409, "{again:?}");
    house.shop.run("do $$ begin assert not exists (select from pg_roles where rolname = 'left_over'); end $$").await;
    upstream.backend().close().await;
}
