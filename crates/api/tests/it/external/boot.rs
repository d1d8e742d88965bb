//! The gate of a start.

use super::{Abroad, Terms, customers, info, on_mismatch, terms};
use crate::support::client;
use backend_postgres::{Postgres, PostgresSettings};
use datasources::{External, OnMismatch, SchemaMode, Validation};
use gateway::federation::Mismatches;
use serde_json::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Two resources of two clients, each of which differs in two ways.
async fn differing(terms: Terms) -> Abroad {
    let abroad = Abroad::on(terms.clone()).await;
    abroad.edit("other", Some(terms.clone())).schema().await.unwrap();
    abroad.import("crm.t_cust", customers()).await;
    let path = "external/tables/hr.pay/import";
    abroad.admin_of("other", http::Method::POST, path, Value::Null).await;
    abroad
        .remote
        .run(
            "alter table crm.t_cust drop column nm, drop column lvl;
             alter table hr.pay drop column id, alter column amount type boolean using true;",
        )
        .await;
    // As after a new start: nothing is known but what is there now.
    for name in ["crm", "other"] {
        abroad.edit(name, Some(terms.clone())).schema().await.unwrap();
    }
    abroad
}

async fn refused(abroad: &Abroad) -> Option<String> {
    let started = abroad.gateway.gateway.validate_at_boot(Mismatches::Refuse).await;
    started.err().map(|refused| refused.to_string())
}

#[tokio::test]
async fn check_58_fail_lists_every_mismatch_of_every_client() {
    let abroad = differing(terms(External::default())).await;
    let told = refused(&abroad).await.expect("it does not start");
    for part in [
        "crm: resource customers: missing column: crm.t_cust.nm",
        "crm: resource customers: missing column: crm.t_cust.lvl",
        "other: resource pay: missing column: hr.pay.id",
        "other: resource pay: type mismatch: hr.pay.amount",
        "ATHENA_ALLOW_SCHEMA_MISMATCH=1",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    // What is broken is not answered from, and says so.
    let reply = abroad.fetch(serde_json::json!({"table_name": "customers"})).await;
    assert_eq!((reply.status, reply.refusal().1), (503, "EXTERNAL_SCHEMA_MISMATCH"));
    let gateway = &abroad.gateway.gateway;
    assert!(!gateway.is_degraded());
    assert!(gateway.validate_at_boot(Mismatches::Allow).await.is_ok());
    assert!(gateway.is_degraded());
    let health = abroad.gateway.call(http::Method::GET, "/health", &[], "").await;
    assert_eq!(health.body["data"]["degraded"], true, "{health:?}");
}

#[tokio::test]
async fn check_59_warn_goes_on_with_what_is_left() {
    let abroad = differing(terms(on_mismatch(OnMismatch::Warn))).await;
    assert_eq!(refused(&abroad).await, None);
    let reply = abroad.fetch(serde_json::json!({"table_name": "customers", "limit": 1})).await;
    assert_eq!(reply.body["data"], serde_json::json!([{"id": 1}]), "{reply:?}");
    let listed = abroad.admin(http::Method::GET, "external/objects", Value::Null).await;
    assert_eq!(listed.body["data"]["objects"][0]["state"], "degraded");
}

#[tokio::test]
async fn check_60_ignore_goes_on_and_the_difference_can_still_be_seen() {
    let abroad = differing(terms(on_mismatch(OnMismatch::Ignore))).await;
    assert_eq!(refused(&abroad).await, None);
    let verdict = abroad.admin(http::Method::POST, "external/validate", Value::Null).await;
    assert_eq!(verdict.body["data"]["ok"], false);
}

#[tokio::test]
async fn check_61_a_client_that_is_not_checked_on_boot_is_left_alone() {
    let validation = Validation { check_on_boot: false, ..Validation::default() };
    let abroad = differing(terms(External { validation, ..External::default() })).await;
    assert_eq!(refused(&abroad).await, None);
}

#[tokio::test]
async fn check_62_validate_only_never_aborts_though_it_says_fail() {
    let abroad = differing((SchemaMode::ValidateOnly, on_mismatch(OnMismatch::Fail))).await;
    assert_eq!(refused(&abroad).await, None);
    let verdict = abroad.admin(http::Method::POST, "external/validate", Value::Null).await;
    assert_eq!(verdict.body["data"]["ok"], false);
}

#[tokio::test]
async fn check_63_an_unreachable_database_aborts_only_where_it_must_be_reachable() {
    let abroad = Abroad::with(External::default()).await;
    abroad.import("crm.t_cust", customers()).await;
    // Nobody listens there.
    let nowhere = PostgresSettings::parse("postgres://nobody@127.0.0.1:1/nothing").unwrap();
    for (require_reachable, aborts) in [(false, false), (true, true)] {
        let validation = Validation { require_reachable, ..Validation::default() };
        let terms = terms(External { validation, ..External::default() });
        let backend = Arc::new(Postgres::connect(&nowhere));
        let info = info("crm", Some(terms));
        abroad.gateway.gateway.registry().add(client("crm"), backend, info);
        let began = Instant::now();
        let told = refused(&abroad).await;
        assert_eq!(told.is_some(), aborts, "{told:?}");
        assert!(told.is_none_or(|told| told.contains("crm: cannot be reached")));
        assert!(began.elapsed() < Duration::from_secs(16));
    }
    let reply = abroad.fetch(serde_json::json!({"table_name": "customers"})).await;
    assert_eq!(reply.status, 503);
    let browse = abroad.admin(http::Method::GET, "remote-tables", Value::Null).await;
    assert_eq!((browse.status, browse.refusal().1), (502, "REMOTE_UNAVAILABLE"));
}
