//! The OpenAPI document, the page made from it, and the lists of routes.

use crate::support::TestGateway;
use api::ROUTES;
use http::Method;
use serde_json::Value;

async fn document(gateway: &TestGateway) -> Value {
    let reply = gateway.call(Method::GET, "/openapi.json", &[], "").await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    reply.body
}

#[tokio::test]
async fn every_route_is_documented_and_every_documented_operation_is_a_route() {
    let gateway = TestGateway::open();
    let document = document(&gateway).await;
    let mut documented = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation.get("responses").is_none() {
                continue;
            }
            documented += 1;
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let known = ROUTES.iter().any(|route| route.path == path && route.method == method);
            assert!(known, "{method} {path} is no route");
            let asked = path.replace(['{', '}'], "");
            let reply = gateway.call(method.clone(), &asked, &[], "").await;
            assert_ne!(reply.body["code"], "not_found", "{method} {path}");
            let answers = operation["responses"].as_object().unwrap();
            let status = reply.status.to_string();
            assert!(answers.contains_key(&status), "{method} {path} answered {status}");
        }
    }
    assert_eq!(documented, ROUTES.len());
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_every_id_is_its_own() {
    let gateway = TestGateway::open();
    let document = document(&gateway).await;
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    let mut ids: Vec<&str> = text.split("\"operationId\":\"").skip(1).collect();
    ids.iter_mut().for_each(|id| *id = id.split('"').next().unwrap());
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
    for carrier in ["X-Athena-Key", "apikey", "X-Api-Key", "bearer", "api_key"] {
        assert!(
            document["components"]["securitySchemes"].to_string().contains(carrier),
            "{carrier}"
        );
    }
}

#[tokio::test]
async fn a_body_is_documented_for_everything_that_takes_one() {
    let gateway = TestGateway::open();
    let document = document(&gateway).await;
    for route in ROUTES.iter() {
        let method = route.method.as_str().to_ascii_lowercase();
        let operation = &document["paths"][route.path][&method];
        let reads = matches!(route.method, Method::GET | Method::HEAD | Method::OPTIONS);
        let removes = route.method == Method::DELETE
            && (route.path.starts_with("/rest/") || route.path.starts_with("/admin/"));
        let is_bare = ["/test", "/migrate-credential"]
            .iter()
            .any(|end| route.path.ends_with(end) && route.path.contains("{name}"))
            || (route.method == Method::DELETE && route.path.ends_with("/{name}"));
        let is_told_all = [
            "/statistics/refresh",
            "/refresh-catalog",
            "/validate",
            "/ack",
            "/external/objects/{object}",
        ];
        let is_told_all = is_told_all.iter().any(|end| route.path.ends_with(end));
        let only_acts = route.path.starts_with("/gateway/deferred/");
        let takes_a_body = !(reads || removes || is_bare || is_told_all || only_acts);
        assert_eq!(operation.get("requestBody").is_some(), takes_a_body, "{method} {}", route.path);
    }
}

#[tokio::test]
async fn the_document_is_served_as_yaml_too_and_to_posts_it_is_not_there() {
    let gateway = TestGateway::open();
    let reply = gateway.call(Method::GET, "/openapi.yaml", &[], "").await;
    assert_eq!(reply.header("content-type"), Some("application/yaml; charset=utf-8"));
    for line in ["  /openapi.yaml:", "  /docs:"] {
        assert!(reply.text.lines().any(|one| one == line), "{line}");
    }
    assert_eq!(gateway.call(Method::POST, "/openapi.yaml", &[], "").await.status, 404);
}

#[tokio::test]
async fn the_page_needs_no_script_and_no_other_server() {
    let gateway = TestGateway::open();
    let reply = gateway.call(Method::GET, "/docs", &[], "").await;
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(reply.header("content-security-policy").unwrap().contains("default-src 'none'"));
    for outside in ["<script", "http://", "https://", "src="] {
        assert!(!reply.text.contains(outside), "{outside}");
    }
    for route in ROUTES.iter() {
        assert!(reply.text.contains(&format!("<code>{}</code>", route.path)), "{}", route.path);
    }
}

#[tokio::test]
async fn the_registry_lists_each_path_once_with_all_its_methods() {
    let gateway = TestGateway::open();
    let reply = gateway.call(Method::GET, "/router/registry", &[], "").await;
    let listed = reply.body.as_array().unwrap();
    let methods: usize = listed.iter().map(|one| one["methods"].as_array().unwrap().len()).sum();
    assert_eq!(methods, ROUTES.len());
    let insert: Vec<_> = listed.iter().filter(|one| one["path"] == "/gateway/insert").collect();
    assert_eq!(insert.len(), 1);
    assert_eq!(insert[0]["methods"], serde_json::json!(["PUT", "POST"]));
    assert_eq!(insert[0]["mounts"], serde_json::json!(["", "/db", "/api/athena"]));
}
