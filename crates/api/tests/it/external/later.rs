//! The same gate on ways that lead in without the caller: public routes, and work that is done later.

use super::{ADMIN, Abroad, customers, gates, terms, writing};
use datasources::External;
use gateway::DeferredWorker;
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const FORBIDDEN: &str = "EXTERNAL_WRITE_FORBIDDEN";

async fn with_customers(external: External) -> Abroad {
    let abroad = Abroad::with(external).await;
    let mut wish = customers();
    wish["writable"] = true.into();
    abroad.import("crm.t_cust", wish).await;
    abroad
}

#[tokio::test]
async fn check_42_public_routes_pass_the_same_gate() {
    for (external, is_allowed) in [(External::default(), false), (writing(), true)] {
        let abroad = with_customers(external).await;
        let route = json!({
            "route_key": "customers", "client_name": "crm", "table_name": "customers",
            "allowed_ops": ["fetch", "insert", "update", "delete"],
        });
        let admin = [("x-athena-key", ADMIN)];
        let path = "/admin/public-routes";
        let made = abroad.gateway.call(Method::POST, path, &admin, &route.to_string()).await;
        assert_eq!(made.status, 201, "{made:?}");
        let visit = async |op: &str, body: &Value| {
            let path = format!("/public/customers/{op}");
            abroad.gateway.call(Method::POST, &path, &[], &body.to_string()).await
        };
        assert_eq!(visit("fetch", &json!({})).await.status, 200);
        for (_, path, body) in gates::writes() {
            let reply = visit(path.rsplit('/').next().unwrap(), &body).await;
            if is_allowed {
                assert_eq!(reply.status, 200, "{path} {reply:?}");
            } else {
                assert_eq!(reply.refusal().1, FORBIDDEN, "{path} {reply:?}");
            }
        }
        assert_eq!(abroad.count(gates::UNTOUCHED).await == 3, !is_allowed);
    }
}

#[tokio::test]
async fn check_42_what_is_done_later_passes_the_gate_of_that_time() {
    let abroad = with_customers(External::default()).await;
    let later = async |method: Method, path: &str, body: &Value| {
        let headers = [("x-athena-client", "crm"), ("x-athena-defer", "true")];
        abroad.gateway.call(method, path, &headers, &body.to_string()).await
    };
    for (method, path, body) in gates::writes() {
        assert_eq!(later(method, path, &body).await.refusal().1, FORBIDDEN, "{path}");
    }
    // Filed while it was allowed, and done when it is not any more.
    abroad.edit("crm", Some(terms(writing()))).schema().await.unwrap();
    let mut filed = Vec::new();
    for (method, path, body) in gates::writes() {
        let reply = later(method, path, &body).await;
        assert_eq!(reply.status, 202, "{path} {reply:?}");
        filed.push(reply.body["data"]["request_id"].as_str().unwrap().to_owned());
    }
    abroad.edit("crm", Some(terms(External::default()))).schema().await.unwrap();
    let worker = DeferredWorker::start(&abroad.gateway.gateway).unwrap();
    for id in filed {
        let mut state = Value::Null;
        for _ in 0..500 {
            let path = format!("/gateway/deferred/{id}");
            let headers = [("x-athena-client", "crm"), ("x-athena-key", ADMIN)];
            let told = abroad.gateway.call(Method::GET, &path, &headers, "").await;
            state = told.body["data"].clone();
            if state["status"] == "dead_letter" || state["status"] == "completed" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(state["status"], "dead_letter", "{state}");
        assert_eq!(state["error_code"], FORBIDDEN, "{state}");
    }
    worker.stop().await;
    assert_eq!(abroad.count(gates::UNTOUCHED).await, 3);
}
