//! Answers that are kept, and when they are not.

use crate::{
    gated::Gated,
    support::{Reply, TestGateway, client, shop},
};
use backend::{
    Outcome,
    fake::{FakeAnswer, FakeBackend},
};
use gateway::ClientInfo;
use http::Method;
use std::sync::{Arc, atomic::Ordering::SeqCst};

const FETCH: &str = "/gateway/fetch";
const INVOICES: &str = r#"{"table_name":"invoices","limit":2}"#;
const UPDATE: &str = r#"{"table_name":"invoices","set":{"amount":1},"conditions":[{"eq_column":"id","eq_value":1}]}"#;

async fn fetch_with(gateway: &TestGateway, header: (&str, &str)) -> Reply {
    let headers = [("x-athena-client", "shop"), header];
    gateway.call(Method::POST, FETCH, &headers, INVOICES).await
}

fn outcome(reply: &Reply) -> (Option<&str>, Option<&str>, Option<&str>) {
    let header = |name| reply.header(name);
    (header("x-athena-cache-outcome"), header("x-athena-cache-source"), header("x-athena-cached"))
}

const FRESH: (Option<&str>, Option<&str>, Option<&str>) =
    (Some("miss_all_tiers"), Some("database"), Some("false"));
const KEPT: (Option<&str>, Option<&str>, Option<&str>) =
    (Some("hit_local"), Some("local"), Some("true"));

#[tokio::test]
async fn a_repeated_read_is_answered_from_memory_with_the_same_bytes() {
    let gateway = TestGateway::caching();
    gateway.rows(r#"[{"id":1,"amount":10.50}]"#, 1);
    let fresh = gateway.post(FETCH, INVOICES).await;
    let kept = gateway.post("/gateway/data", INVOICES).await;
    assert_eq!((outcome(&fresh), outcome(&kept)), (FRESH, KEPT));
    assert_eq!(fresh.text, kept.text);
    assert!(fresh.text.contains("10.50") && !fresh.text.contains("request_id"), "{}", fresh.text);
    assert_eq!(fresh.header("etag"), kept.header("etag"));
    assert_eq!((fresh.header("age"), kept.header("age")), (None, Some("0")));
    assert_eq!(kept.header("cache-control"), Some("private"));
    assert_eq!(gateway.statements(), 1);
    let timing = kept.header("server-timing").unwrap();
    assert!(timing.contains("cache;dur=") && !timing.contains("execute"), "{timing}");
    let timing = fresh.header("server-timing").unwrap();
    assert!(timing.contains("cache;dur=") && timing.contains("build"), "{timing}");
}

#[tokio::test]
async fn every_page_and_every_shape_has_an_answer_of_its_own() {
    let gateway = TestGateway::caching();
    let bodies = [
        r#"{"table_name":"invoices"}"#,
        r#"{"table_name":"invoices","limit":2}"#,
        r#"{"table_name":"invoices","limit":2,"offset":2}"#,
        r#"{"table_name":"invoices","page_size":5,"current_page":1}"#,
        r#"{"table_name":"invoices","page_size":5,"current_page":2}"#,
        r#"{"table_name":"invoices","limit":2,"count":"exact"}"#,
        r#"{"table_name":"invoices","limit":2,"sort_by":{"field":"id","direction":"desc"}}"#,
        r#"{"table_name":"invoices","limit":2,"columns":["id"]}"#,
        r#"{"table_name":"invoices","limit":2,"strip_nulls":true}"#,
        r#"{"table_name":"invoices","limit":2,"conditions":[{"eq_column":"id","eq_value":1}]}"#,
        r#"{"table_name":"invoices","limit":2,"conditions":[{"eq_column":"id","eq_value":2}]}"#,
        r#"{"table_name":"invoices","limit":20000}"#,
        r#"{"table_name":"invoices","limit":10000}"#,
        r#"{"table_name":"secrets","limit":2}"#,
    ];
    for body in bodies {
        let reply = gateway.post(FETCH, body).await;
        assert_eq!((reply.status, outcome(&reply)), (200, FRESH), "{body} {reply:?}");
    }
    for body in bodies {
        assert_eq!(outcome(&gateway.post(FETCH, body).await), KEPT, "{body}");
    }
}

#[tokio::test]
async fn no_cache_neither_reads_nor_keeps() {
    let gateway = TestGateway::caching();
    let no_cache = ("cache-control", "max-age=0, No-Cache");
    let bypassed = fetch_with(&gateway, no_cache).await;
    assert_eq!(outcome(&bypassed), (Some("bypass_no_cache_header"), Some("bypass"), Some("false")));
    assert_eq!(outcome(&gateway.post(FETCH, INVOICES).await), FRESH, "it was not kept");
    gateway.rows(r#"[{"id":7}]"#, 1);
    assert!(fetch_with(&gateway, no_cache).await.text.contains(r#""id":7"#));
    assert!(!gateway.post(FETCH, INVOICES).await.text.contains(r#""id":7"#));
}

#[tokio::test]
async fn who_has_the_answer_already_is_told_so_without_a_body() {
    let gateway = TestGateway::caching();
    let etag = gateway.post(FETCH, INVOICES).await.header("etag").unwrap().to_owned();
    for known in [etag.clone(), format!("\"other\", W/{etag}"), "*".to_owned()] {
        let reply = fetch_with(&gateway, ("if-none-match", &known)).await;
        assert_eq!((reply.status, reply.text.as_str()), (304, ""), "{known}");
        assert_eq!(reply.header("etag"), Some(etag.as_str()));
    }
    let reply = fetch_with(&gateway, ("if-none-match", "\"other\"")).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn a_write_is_seen_by_the_next_read_and_one_that_matched_nothing_keeps_the_answers() {
    let gateway = TestGateway::caching();
    let secrets = r#"{"table_name":"secrets"}"#;
    gateway.post(FETCH, INVOICES).await;
    gateway.post(FETCH, secrets).await;
    gateway.rows("[]", 0);
    assert_eq!(gateway.post("/gateway/update", UPDATE).await.status, 200);
    assert_eq!(outcome(&gateway.post(FETCH, INVOICES).await), KEPT);
    gateway.rows(r#"[{"id":1}]"#, 1);
    assert_eq!(gateway.post("/gateway/update", UPDATE).await.status, 200);
    gateway.rows(r#"[{"id":2}]"#, 1);
    let after = gateway.post(FETCH, INVOICES).await;
    assert_eq!((outcome(&after), after.text.contains(r#""id":2"#)), (FRESH, true));
    assert_eq!(outcome(&gateway.post(FETCH, secrets).await), KEPT, "another table is kept");
    let named = r#"{"table_name":"public.invoices","limit":2}"#;
    assert_eq!(outcome(&gateway.post(FETCH, named).await), KEPT, "the same table by its long name");
}

#[tokio::test]
async fn a_write_whose_end_is_unknown_counts_and_a_refused_one_does_not() {
    let gateway = TestGateway::caching();
    gateway.post(FETCH, INVOICES).await;
    let refused = backend::DatabaseError { sqlstate: "23505".into(), ..Default::default() };
    gateway.backend.answer(FakeAnswer::Fail(backend::BackendError::Database(Box::new(refused))));
    assert_eq!(gateway.post("/gateway/update", UPDATE).await.status, 409);
    assert_eq!(outcome(&gateway.post(FETCH, INVOICES).await), KEPT);
    gateway.backend.answer(FakeAnswer::Fail(backend::BackendError::Timeout));
    assert_eq!(gateway.post("/gateway/update", UPDATE).await.status, 504);
    assert_eq!(outcome(&gateway.post(FETCH, INVOICES).await), FRESH);
}

/// A gateway that keeps answers, before a database with a gate.
fn gated() -> (TestGateway, Arc<Gated>) {
    let gateway = TestGateway::caching();
    let backend = Gated::new();
    let as_port = Arc::clone(&backend) as _;
    gateway.gateway.registry().add(client("shop"), as_port, ClientInfo::default());
    (gateway, backend)
}

fn queue(backend: &Gated, json: &str) {
    let outcome = Outcome { returned: 1, affected: 1, count: None };
    backend.inner.answer(FakeAnswer::Rows { json: json.to_owned(), outcome });
}

#[tokio::test]
async fn a_slow_read_that_ends_after_a_write_is_not_kept() {
    let (gateway, backend) = gated();
    backend.is_shut.store(true, SeqCst);
    queue(&backend, r#"[{"id":"before"}]"#);
    let slow = gateway.post(FETCH, INVOICES);
    let write = async {
        backend.until_waiting(1).await;
        queue(&backend, r#"[{"id":"written"}]"#);
        assert_eq!(gateway.post("/gateway/update", UPDATE).await.status, 200);
        backend.passes.add_permits(1);
    };
    let (slow, ()) = tokio::join!(slow, write);
    assert!(slow.text.contains("before"));
    backend.is_shut.store(false, SeqCst);
    queue(&backend, r#"[{"id":"after"}]"#);
    let next = gateway.post(FETCH, INVOICES).await;
    assert_eq!((outcome(&next), next.text.contains("after")), (FRESH, true));
}

#[tokio::test]
async fn equal_reads_share_one_statement_and_a_caller_who_leaves_takes_nothing_along() {
    let (gateway, backend) = gated();
    backend.is_shut.store(true, SeqCst);
    queue(&backend, r#"[{"id":"once"}]"#);
    let leaves = tokio::spawn({
        let router = gateway.router.clone();
        async move { TestGateway { router, ..TestGateway::caching() }.post(FETCH, INVOICES).await }
    });
    backend.until_waiting(1).await;
    let stays = gateway.post(FETCH, INVOICES);
    let late = async {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        leaves.abort();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        backend.passes.add_permits(1);
    };
    let (stays, ()) = tokio::join!(stays, late);
    assert_eq!((stays.status, stays.text.contains("once")), (200, true), "{stays:?}");
    assert_eq!((backend.inner.seen().len(), backend.dropped.load(SeqCst)), (1, 0));
}

#[tokio::test]
async fn a_statement_nobody_waits_for_any_more_is_cancelled() {
    for caching in [true, false] {
        let (kept, backend) = gated();
        let open = TestGateway::open();
        open.gateway.registry().add(
            client("shop"),
            Arc::clone(&backend) as _,
            ClientInfo::default(),
        );
        let gateway = if caching { kept } else { open };
        backend.is_shut.store(true, SeqCst);
        let request = tokio::spawn(async move { gateway.post(FETCH, INVOICES).await });
        backend.until_waiting(1).await;
        request.abort();
        backend.until_waiting(0).await;
        assert_eq!(backend.dropped.load(SeqCst), 1, "caching: {caching}");
    }
}

#[tokio::test]
async fn a_request_that_is_known_is_asked_anew_of_another_database_and_after_a_write() {
    let gateway = TestGateway::caching();
    for expected in [FRESH, KEPT, KEPT] {
        assert_eq!(outcome(&gateway.post(FETCH, INVOICES).await), expected);
    }
    gateway.rows("[]", 1);
    assert_eq!(gateway.post("/gateway/update", UPDATE).await.status, 200);
    assert_eq!(outcome(&gateway.post(FETCH, INVOICES).await), FRESH);
    assert_eq!(outcome(&gateway.post(FETCH, INVOICES).await), KEPT);
    let other = Arc::new(FakeBackend::new(shop()));
    gateway.gateway.registry().add(client("shop"), Arc::clone(&other) as _, ClientInfo::default());
    assert_eq!(outcome(&gateway.post(FETCH, INVOICES).await), FRESH);
    assert_eq!(other.seen().len(), 1);
}
