//! Aliases of methods, and the places where libraries look for us.

use crate::support::TestGateway;
use api::ROUTES;
use http::Method;
use serde_json::json;

const SHOP: [(&str, &str); 1] = [("x-athena-client", "shop")];

#[tokio::test]
async fn every_mounted_route_is_answered_at_each_of_its_mounts() {
    let gateway = TestGateway::open();
    let mut mounted = 0;
    for route in ROUTES.iter() {
        for mount in route.mounts() {
            let path = format!("{mount}{}", route.path.replace(['{', '}'], ""));
            let reply = gateway.call(route.method.clone(), &path, &[], "").await;
            assert_ne!(reply.body["code"], "not_found", "{} {path}", route.method);
            mounted += usize::from(*mount == "/db");
        }
    }
    assert!(mounted > 10, "{mounted} routes below /db");
    for path in ["/db", "/db/", "/api/athena", "/api/athena/"] {
        let reply = gateway.call(Method::GET, path, &[], "").await;
        assert_eq!(reply.body["message"], "athena is online", "{path}");
    }
}

#[tokio::test]
async fn what_is_about_the_server_is_answered_at_the_root_only() {
    let gateway = TestGateway::open();
    for path in ["/db/admin/api-keys", "/db/openapi.json", "/api/athena/docs"] {
        assert_eq!(gateway.call(Method::GET, path, &[], "").await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn each_method_a_library_uses_does_the_same() {
    let gateway = TestGateway::open();
    let insert = r#"{"table_name":"invoices","insert_body":{"id":7}}"#;
    let update = r#"{"table_name":"invoices","set":{"id":8},"conditions":[{"eq_column":"id","eq_value":7}]}"#;
    let delete = r#"{"table_name":"invoices","resource_id":"7"}"#;
    for (path, body, methods) in [
        ("/gateway/insert", insert, [Method::PUT, Method::POST]),
        ("/gateway/update", update, [Method::POST, Method::PATCH]),
        ("/gateway/delete", delete, [Method::DELETE, Method::POST]),
    ] {
        let mut replies = Vec::new();
        for method in methods {
            gateway.rows(r#"[{"id":7}]"#, 1);
            let reply = gateway.call(method.clone(), &format!("/db{path}"), &SHOP, body).await;
            assert_eq!(reply.status, 200, "{method} {path}: {reply:?}");
            replies.push(reply.stable());
        }
        assert_eq!(replies[0], replies[1], "{path}");
    }
}

#[tokio::test]
async fn reading_by_address_answers_like_reading_by_body() {
    let gateway = TestGateway::open();
    gateway.rows(r#"[{"id":7}]"#, 1);
    gateway.rows(r#"[{"id":7}]"#, 1);
    let path = "/data?view=invoices&eq_column=id&eq_value=7&columns=id&limit=5&sort_by=id&sort_direction=desc";
    let by_address = gateway.call(Method::GET, path, &SHOP, "").await;
    let body = r#"{"table_name":"invoices","columns":"id","limit":5,"sort_by":{"field":"id","direction":"desc"},
        "conditions":[{"column":"id","operator":"eq","value":7}]}"#;
    let by_body = gateway.post("/gateway/data", body).await;
    assert_eq!((by_address.status, by_body.status), (200, 200), "{by_address:?}");
    assert_eq!(by_address.body["data"], json!([{ "id": 7 }]));
    assert_eq!(by_address.body["data"], by_body.body["data"]);
    let seen = gateway.backend.seen();
    assert_eq!(seen[0], seen[1], "the same statement with the same values");
}

#[tokio::test]
async fn reading_by_address_refuses_with_the_status_of_what_is_wrong() {
    let gateway = TestGateway::open();
    let view = gateway.call(Method::GET, "/data", &SHOP, "").await;
    assert_eq!(view.refusal(), (400, "missing_parameter", "Missing required parameter: view"));
    let half = gateway.call(Method::GET, "/data?view=invoices&eq_column=id", &SHOP, "").await;
    assert_eq!(half.refusal(), (400, "missing_parameter", "Missing required parameter: eq_value"));
    let unknown = [("x-athena-client", "nobody")];
    let unknown = gateway.call(Method::GET, "/data?view=invoices", &unknown, "").await;
    assert_eq!((unknown.status, &unknown.body["code"]), (400, &json!("unknown_client")));
    let page = gateway.call(Method::GET, "/data?view=invoices&page_size=ten", &SHOP, "").await;
    assert_eq!((page.status, &page.body["code"]), (400, &json!("invalid_query")));
    assert_eq!(gateway.statements(), 0);
}

#[tokio::test]
async fn a_library_that_looks_around_finds_what_is_here() {
    let gateway = TestGateway::open();
    let found = gateway.call(Method::GET, "/api/athena/capabilities", &[], "").await;
    assert_eq!((&found.body["athena"], &found.body["runtime"]), (&json!(true), &json!("gateway")));
    assert_eq!(found.body["endpoints"]["data"], "/api/athena");
    assert_eq!(found.body["capabilities"]["auth"]["available"], false);
    assert_eq!(found.body["capabilities"]["nestedRelations"], true);
    let reply = gateway
        .call(Method::POST, "/api/athena/gateway/fetch", &SHOP, r#"{"table_name":"invoices"}"#)
        .await;
    assert_eq!(reply.status, 200);
    let health = gateway.call(Method::GET, "/api/athena/health", &[], "").await;
    assert!(health.body["version"].as_str().is_some_and(|version| version.starts_with("5.")));
}
