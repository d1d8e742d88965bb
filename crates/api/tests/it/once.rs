//! Writes that carry a key.

use crate::{
    gated::Gated,
    support::{Reply, TestGateway, client},
};
use api::{ApiSettings, ApiState};
use backend::{BackendError, fake::FakeAnswer};
use gateway::{Access, ClientInfo, Gateway, GatewaySettings};
use http::Method;
use serde_json::json;
use std::sync::{Arc, atomic::Ordering::SeqCst};
use store::Store;
use test_support::TestDatabase;

const INSERT: &str = r#"{"table_name":"invoices","insert_body":{"id":7}}"#;

/// A gateway that remembers keyed writes. The database must outlive it.
async fn remembering() -> (TestDatabase, Store, TestGateway) {
    let database = TestDatabase::create().await;
    let store = Store::open(database.uri()).unwrap();
    store.migrate().await.unwrap();
    let access = Access::open().remembering(store.clone());
    let gateway = TestGateway::with(access, ApiSettings::default());
    (database, store, gateway)
}

async fn insert(gateway: &TestGateway, key: &str, body: &str) -> Reply {
    let headers = [("x-athena-client", "shop"), ("idempotency-key", key)];
    gateway.call(Method::PUT, "/gateway/insert", &headers, body).await
}

#[tokio::test]
async fn a_write_sent_again_is_answered_again_and_not_done_again() {
    let (_database, store, gateway) = remembering().await;
    gateway.rows(r#"[{"id":7}]"#, 1);
    let first = insert(&gateway, "a", INSERT).await;
    let again = insert(&gateway, "a", INSERT).await;
    assert_eq!((first.status, again.status), (200, 200), "{first:?}");
    assert_eq!(first.text, again.text);
    assert_eq!(
        (first.header("idempotency-replayed"), again.header("idempotency-replayed")),
        (None, Some("true"))
    );
    assert_eq!(gateway.statements(), 1);
    let headers = [("x-athena-client", "shop"), ("x-idempotency-key", "a")];
    let other = gateway.call(Method::PUT, "/gateway/insert", &headers, INSERT).await;
    assert_eq!(other.text, first.text, "both spellings of the header");
    store.close().await;
}

#[tokio::test]
async fn a_key_stands_for_one_request_only() {
    let (_database, store, gateway) = remembering().await;
    gateway.rows(r#"[{"id":7}]"#, 1);
    insert(&gateway, "a", INSERT).await;
    let other = insert(&gateway, "a", r#"{"table_name":"invoices","insert_body":{"id":8}}"#).await;
    assert_eq!((other.status, &other.body["code"]), (409, &json!("idempotency_key_conflict")));
    let headers = [("x-athena-client", "shop"), ("idempotency-key", "a")];
    let path = gateway.call(Method::POST, "/gateway/delete", &headers, INSERT).await;
    assert_eq!(path.body["code"], "idempotency_key_conflict");
    assert_eq!(gateway.statements(), 1);
    let bad = insert(&gateway, "a b", INSERT).await;
    assert_eq!((bad.status, &bad.body["code"]), (400, &json!("invalid_header")));
    store.close().await;
}

#[tokio::test]
async fn a_write_that_was_refused_may_be_tried_again_and_one_of_unknown_end_may_not() {
    let (_database, store, gateway) = remembering().await;
    let refused =
        insert(&gateway, "a", r#"{"table_name":"invoices","insert_body":{"nope":7}}"#).await;
    assert_eq!(refused.status, 400);
    gateway.rows(r#"[{"id":7}]"#, 1);
    assert_eq!(insert(&gateway, "a", INSERT).await.status, 200, "the key was given back");

    let lost = BackendError::Unreachable { source: "the connection broke".into() };
    gateway.backend.answer(FakeAnswer::Fail(lost));
    let first = insert(&gateway, "b", INSERT).await;
    assert_eq!(first.status, 503, "{first:?}");
    let before = gateway.statements();
    let again = insert(&gateway, "b", INSERT).await;
    assert_eq!((again.status, &again.body["code"]), (503, &first.body["code"]));
    assert_eq!(gateway.statements(), before, "it may have been done, so it is not done again");
    store.close().await;
}

#[tokio::test]
async fn a_write_whose_caller_hung_up_is_finished_and_found_again() {
    let (_database, store, gateway) = remembering().await;
    let slow = Gated::new();
    slow.is_shut.store(true, SeqCst);
    slow.holds_writes.store(true, SeqCst);
    let settings = ApiSettings::default();
    let engine =
        Gateway::new(GatewaySettings::default(), Access::open().remembering(store.clone()));
    engine.registry().add(client("shop"), Arc::clone(&slow) as _, ClientInfo::default());
    let router = api::surface(ApiState::new(engine.clone(), settings));
    let slow_gateway =
        TestGateway { router, gateway: engine, backend: Arc::clone(&gateway.backend) };
    slow.inner.answer(FakeAnswer::Rows {
        json: r#"[{"id":7}]"#.to_owned(),
        outcome: backend::Outcome { returned: 1, affected: 1, count: None },
    });
    let hung_up = tokio::time::timeout(
        std::time::Duration::from_millis(800),
        insert(&slow_gateway, "a", INSERT),
    );
    assert!(hung_up.await.is_err(), "the statement waits");
    let early = insert(&slow_gateway, "a", INSERT).await;
    assert_eq!((early.status, &early.body["code"]), (409, &json!("idempotency_in_progress")));
    slow.passes.add_permits(10);
    let mut again = insert(&slow_gateway, "a", INSERT).await;
    for _ in 0..100 {
        if again.status == 200 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        again = insert(&slow_gateway, "a", INSERT).await;
    }
    assert_eq!(again.body["data"], json!({ "id": 7 }), "{again:?}");
    assert_eq!(slow.inner.seen().len(), 1);
    store.close().await;
}

#[tokio::test]
async fn a_key_on_a_read_has_no_effect_and_without_a_store_a_write_refuses_it() {
    let gateway = TestGateway::open();
    let headers = [("x-athena-client", "shop"), ("idempotency-key", "a")];
    let read = gateway
        .call(Method::POST, "/gateway/fetch", &headers, r#"{"table_name":"invoices"}"#)
        .await;
    assert_eq!(read.status, 200, "{read:?}");
    let write = insert(&gateway, "a", INSERT).await;
    assert_eq!((write.status, &write.body["code"]), (400, &json!("not_supported")));
    assert_eq!(write.body["details"]["header"], "idempotency-key");
    assert_eq!(gateway.statements(), 1);
}

#[tokio::test]
async fn no_key_is_demanded_and_a_memory_that_is_away_lets_nothing_through() {
    let (_database, store, gateway) = remembering().await;
    store.close().await;
    let keyed = insert(&gateway, "a", INSERT).await;
    assert_eq!((keyed.status, &keyed.body["code"]), (503, &json!("idempotency_unavailable")));
    assert_eq!(gateway.statements(), 0);
    gateway.rows(r#"[{"id":7}]"#, 1);
    let headers = [("x-athena-client", "shop")];
    let free = gateway.call(Method::PUT, "/gateway/insert", &headers, INSERT).await;
    assert_eq!(free.body["data"], json!({ "id": 7 }));
}
