//! Requests that are done later.

use crate::support::Gateway;
use athena_client::{DeferredState, Error};
use serde_json::{Value, json};
use std::time::Duration;

fn queued() -> Value {
    json!({
        "status": "success", "message": "Query queued for deferred execution",
        "data": { "request_id": "d-1", "status": "queued", "route": "/gateway/query" },
    })
}

fn status(word: &str) -> Value {
    json!({
        "status": "success", "message": "Deferred request status",
        "data": {
            "request_id": "d-1", "status": word, "method": "POST", "attempts": 2,
            "error_message": "the table is gone", "result_summary": { "rows_affected": 3 },
            "storage": "postgres", "completed_at": null,
        },
    })
}

#[tokio::test]
async fn a_deferred_statement_is_followed_until_it_is_done() {
    let gateway = Gateway::start().await;
    gateway.reply(202, queued());
    let handle = gateway.athena().sql("select 1").deferred().await.unwrap();
    assert_eq!(handle.id(), "d-1");
    for word in ["queued", "running", "resting", "completed"] {
        gateway.reply(200, status(word));
    }
    let done = handle.wait(Duration::from_secs(10)).await.unwrap();
    assert_eq!((done.state, done.attempts), (DeferredState::Completed, Some(2)));
    assert_eq!(done.result_summary, Some(json!({ "rows_affected": 3 })));
    let seen = gateway.seen();
    assert_eq!(seen[0].header("x-athena-defer"), Some("true"));
    assert_eq!(seen[0].body, json!({ "query": "select 1" }));
    assert_eq!(seen.len(), 5);
    assert!(seen[1..].iter().all(|seen| seen.asked() == ("GET", "/gateway/deferred/d-1")));
    assert_eq!(seen[1].header("x-athena-defer"), None);
}

#[tokio::test]
async fn a_request_the_gateway_gave_up_fails_with_its_reason() {
    let gateway = Gateway::start().await;
    for word in ["dead_letter", "failed"] {
        gateway.reply(200, status(word));
        let failed = gateway.athena().deferred("d-1").wait(Duration::from_secs(5)).await;
        let Err(Error::DeferredFailed { id, message }) = failed else { panic!("{failed:?}") };
        assert_eq!((id.as_str(), message.as_str()), ("d-1", "the table is gone"));
    }
}

#[tokio::test]
async fn waiting_has_an_end_and_unknown_words_are_kept() {
    let gateway = Gateway::start().await;
    for _ in 0..20 {
        gateway.reply(200, status("resting"));
    }
    let handle = gateway.athena().deferred("d-1");
    let state = handle.status().await.unwrap().state;
    assert_eq!(state, DeferredState::Other("resting".to_owned()));
    let late = handle.wait(Duration::from_millis(120)).await.unwrap_err();
    assert!(matches!(late, Error::TimedOut { .. }), "{late:?}");
}

#[tokio::test]
async fn every_kind_of_request_can_be_deferred_and_is_not_repeated() {
    let gateway = Gateway::start().await;
    let table = || gateway.athena().from("t");
    for _ in 0..6 {
        gateway.reply(503, json!({ "code": "deferred_enqueue_unavailable" }));
    }
    let row = json!({ "a": 1 });
    let refused = [
        table().all().deferred().await,
        table().insert(&row).deferred().await,
        table().upsert(&row).deferred().await,
        table().update().set("a", 1).eq("id", 1).deferred().await,
        table().delete().id(1).deferred().await,
        gateway.athena().sql("select 1").only_reads().deferred().await,
    ];
    for refused in refused {
        assert_eq!(refused.unwrap_err().code(), Some("deferred_enqueue_unavailable"));
    }
    assert_eq!(gateway.seen().len(), 6);
}

#[tokio::test]
async fn queueing_and_answering_are_not_mistaken_for_each_other() {
    let gateway = Gateway::start().await;
    gateway.reply(200, json!({ "data": [] }));
    let at_once = gateway.athena().sql("select 1").deferred().await.unwrap_err();
    assert!(matches!(at_once, Error::NotQueued { status: 200 }), "{at_once:?}");
    gateway.reply(202, queued());
    let queued_anyway = gateway.athena().from("t").all().rows::<Value>().await.unwrap_err();
    assert!(matches!(&queued_anyway, Error::Queued { id } if id == "d-1"), "{queued_anyway:?}");
    gateway.reply(202, queued());
    let queued_anyway = gateway.athena().from("t").all().stream::<Value>().await.unwrap_err();
    assert!(matches!(&queued_anyway, Error::Queued { id } if id == "d-1"), "{queued_anyway:?}");
}

#[tokio::test]
async fn an_id_stays_one_segment_of_the_path() {
    let gateway = Gateway::start().await;
    gateway.reply(200, json!({ "data": { "request_id": "x", "status": "queued" } }));
    gateway.athena().deferred("../a b?c#d").requeue().await.unwrap();
    let seen = gateway.only();
    assert_eq!(seen.asked(), ("POST", "/gateway/deferred/..%2Fa%20b%3Fc%23d/requeue"));
    for id in ["", ".", ".."] {
        let refused = gateway.athena().deferred(id).status().await;
        assert!(matches!(refused, Err(Error::Incomplete { .. })), "{id}: {refused:?}");
    }
}

#[tokio::test]
async fn a_deferred_request_is_cancelled_and_its_whole_answer_is_read() {
    let gateway = Gateway::start().await;
    let handle = gateway.athena().deferred("d-1");
    gateway.reply(200, json!({ "data": [{ "id": 1 }], "meta": { "returned_row_count": 1 } }));
    let rows: Vec<Value> = handle.result().await.unwrap();
    assert_eq!(rows, [json!({ "id": 1 })]);
    gateway.reply(200, json!({ "data": { "request_id": "d-1", "status": "cancelled" } }));
    handle.cancel().await.unwrap();
    gateway.reply(200, json!({ "data": { "request_id": "d-1", "status": "cancelled" } }));
    let cancelled = handle.wait(Duration::from_secs(5)).await.unwrap_err();
    let Error::DeferredFailed { message, .. } = cancelled else { panic!("{cancelled:?}") };
    assert_eq!(message, "it was cancelled");
    let seen = gateway.seen();
    assert_eq!(seen[0].asked(), ("GET", "/gateway/deferred/d-1/result"));
    assert_eq!(seen[1].asked(), ("POST", "/gateway/deferred/d-1/cancel"));
}
