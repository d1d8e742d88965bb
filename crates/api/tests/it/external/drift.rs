//! Drift, as a running server sees it.

use super::{Abroad, Terms, customers, terms};
use datasources::{External, Validation};
use http::Method;
use serde_json::Value;
use std::time::{Duration, Instant};

fn every(ms: u64) -> Terms {
    let validation = Validation { check_interval_ms: Some(ms), ..Validation::default() };
    terms(External { validation, ..External::default() })
}

async fn events(abroad: &Abroad, path: &str) -> Vec<Value> {
    let reply = abroad.admin(Method::GET, path, Value::Null).await;
    reply.body["data"]["events"].as_array().unwrap().clone()
}

async fn until(abroad: &Abroad, path: &str, fits: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let began = Instant::now();
    loop {
        let events = events(abroad, path).await;
        if fits(&events) {
            return events;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{events:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn checks_64_and_65_a_dropped_column_is_one_event_and_its_return_resolves_it() {
    // Clamped to five seconds.
    let abroad = Abroad::on(every(1)).await;
    abroad.gateway.gateway.watch_drift();
    abroad.import("crm.t_cust", customers()).await;
    abroad.remote.run("alter table crm.t_cust drop column lvl").await;
    let all = "external/drift";
    let seen = until(&abroad, all, |events| events.iter().any(|event| event["count"] == 2)).await;
    let [only] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!(only["resource"], "customers");
    assert_eq!(only["diffs"][0]["kind"], "missing_column");
    assert_eq!(only["diffs"][0]["column"], "lvl");
    let open = events(&abroad, "external/drift?open=true").await;
    assert_eq!(open.len(), 1);
    let path = format!("external/drift/{}/ack", only["id"].as_str().unwrap());
    let reply = abroad.admin(Method::POST, &path, Value::Null).await;
    assert_eq!(reply.body["data"]["event"]["acknowledgedBy"], "admin", "{reply:?}");
    assert_eq!(events(&abroad, "external/drift?open=true").await, Vec::<Value>::new());
    abroad.remote.run("alter table crm.t_cust add column lvl int").await;
    let seen = until(&abroad, all, |events| !events[0]["resolvedAt"].is_null()).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    let odd = abroad.admin(Method::POST, "external/drift/x/ack", Value::Null).await;
    assert_eq!(odd.status, 400);
}

#[tokio::test]
async fn check_66_a_timer_is_armed_again_after_an_edit_and_none_is_left_after_removal() {
    let abroad = Abroad::on(every(60_000)).await;
    let gateway = &abroad.gateway.gateway;
    gateway.watch_drift();
    let timers = async |expected: &[u64]| {
        let began = Instant::now();
        loop {
            let armed = gateway.drift_timers();
            let seconds: Vec<u64> = armed.iter().map(|(_, every)| every.as_secs()).collect();
            if seconds == expected {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(2), "{seconds:?} is not {expected:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timers(&[60]).await;
    abroad.edit("crm", Some(every(90_000)));
    timers(&[90]).await;
    abroad.edit("crm", Some(terms(External::default())));
    timers(&[]).await;
    abroad.edit("crm", Some(every(10)));
    timers(&[5]).await;
    abroad.gateway.gateway.close().await;
    timers(&[]).await;
}

#[tokio::test]
async fn open_drift_and_queries_of_others_are_on_the_page() {
    use metrics::exposition::Exposition;
    let abroad = Abroad::on(every(1)).await;
    abroad.gateway.gateway.watch_drift();
    abroad.import("crm.t_cust", customers()).await;
    let read = abroad.fetch(serde_json::json!({"table_name": "customers"})).await;
    assert_eq!(read.status, 200, "{read:?}");
    abroad.remote.run("alter table crm.t_cust drop column lvl").await;
    until(&abroad, "external/drift", |events| !events.is_empty()).await;
    let page = abroad.gateway.call(Method::GET, "/metrics", &[], "").await;
    let page = Exposition::read(&page.text).unwrap();
    let crm = [("client", "crm")];
    assert_eq!(page.value("athena_external_drift_open", &crm), Some(1.0));
    assert_eq!(page.value("athena_external_query_seconds_count", &crm), Some(1.0));
    // The shop is ours.
    assert_eq!(page.value("athena_external_drift_open", &[("client", "shop")]), None);
}
