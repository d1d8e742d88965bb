//! Which calls are sent again, and when.

use crate::support::{Gateway, hangs_up_after};
use athena_client::{Error, Retry};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_read_is_repeated_on_passing_failures_under_one_request_id() {
    let gateway = Gateway::start().await;
    gateway.reply(503, "");
    gateway.reply(429, "");
    gateway.reply(200, "[1]");
    let rows = gateway.athena().from("t").all().rows::<i32>().await.unwrap();
    assert_eq!(rows, [1]);
    let seen = gateway.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|one| one.body == seen[0].body));
    assert!(seen.iter().all(|one| one.header("x-request-id") == seen[0].header("x-request-id")));
}

#[tokio::test]
async fn attempts_have_an_end() {
    let gateway = Gateway::start().await;
    for _ in 0..9 {
        gateway.reply(502, "");
    }
    let refused = gateway.athena().from("t").all().rows::<Value>().await.unwrap_err();
    assert_eq!((refused.status(), gateway.seen().len()), (Some(502), 3));
    let athena = gateway.builder().retry(Retry::never()).build().unwrap();
    athena.from("t").all().rows::<Value>().await.unwrap_err();
    assert_eq!(gateway.seen().len(), 4);
}

#[tokio::test]
async fn other_refusals_are_final() {
    let gateway = Gateway::start().await;
    let statuses = [400, 401, 403, 404, 408, 409, 422, 500, 501, 505];
    for status in statuses {
        gateway.reply(status, "");
        let refused = gateway.athena().from("t").all().rows::<Value>().await.unwrap_err();
        assert_eq!(refused.status(), Some(status));
    }
    assert_eq!(gateway.seen().len(), statuses.len());
}

#[tokio::test]
async fn a_write_is_sent_once() {
    let gateway = Gateway::start().await;
    let athena = gateway.athena();
    let table = || athena.from("t");
    for _ in 0..7 {
        gateway.reply(503, "");
    }
    let row = json!({ "a": 1 });
    for refused in [
        table().insert(&row).run().await,
        table().upsert(&row).run().await,
        table().update().set("a", 1).eq("id", 1).run().await.map(drop),
        table().delete().eq("id", 1).run().await.map(drop),
        table().delete().id(1).run().await.map(drop),
        athena.sql("select 1").run().await.map(drop),
        athena.rpc("f").rows::<Value>().await.map(drop),
    ] {
        assert_eq!(refused.unwrap_err().status(), Some(503));
    }
    assert_eq!(gateway.seen().len(), 7);
}

#[tokio::test]
async fn a_write_is_repeated_under_the_callers_key() {
    let gateway = Gateway::start().await;
    gateway.reply(503, "");
    gateway.reply(200, json!({ "status": "success", "data": { "id": 1 } }));
    let insert = gateway.athena().from("t").insert(json!({ "a": 1 }));
    insert.idempotency_key("order-7").run().await.unwrap();
    let keys: Vec<_> = gateway.seen();
    let keys: Vec<_> = keys.iter().map(|seen| seen.header("idempotency-key")).collect();
    assert_eq!(keys, [Some("order-7"), Some("order-7")]);
}

#[tokio::test]
async fn what_only_reads_is_repeated() {
    let gateway = Gateway::start().await;
    for _ in 0..2 {
        gateway.reply(504, "");
        gateway.reply(200, "[1]");
    }
    let athena = gateway.athena();
    assert_eq!(athena.sql("select 1").only_reads().rows::<i32>().await.unwrap(), [1]);
    assert_eq!(athena.rpc("f").only_reads().value::<i32>().await.unwrap(), 1);
    assert_eq!(gateway.seen().len(), 4);
}

#[tokio::test]
async fn no_call_comes_back_sooner_than_it_was_asked_to() {
    let gateway = Gateway::start().await;
    gateway.reply_with(503, &[("retry-after", "1")], "");
    gateway.reply(200, "[1]");
    let begun = Instant::now();
    gateway.athena().from("t").all().rows::<i32>().await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_call_does_not_wait_for_a_repetition_past_its_timeout() {
    let gateway = Gateway::start().await;
    gateway.reply_with(503, &[("retry-after", "3600")], "");
    let begun = Instant::now();
    let read = gateway.athena().from("t").all().timeout(Duration::from_secs(20));
    assert_eq!(read.rows::<i32>().await.unwrap_err().status(), Some(503));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_lost_connection_repeats_a_read_and_not_a_write() {
    let (athena, callers) = hangs_up_after(b"").await;
    let lost = athena.from("t").all().rows::<Value>().await.unwrap_err();
    assert!(matches!(lost, Error::Connection { .. }), "{lost:?}");
    assert_eq!(*callers.lock().unwrap(), 3);
    let lost = athena.from("t").insert(json!({ "a": 1 })).run().await.unwrap_err();
    assert!(matches!(lost, Error::Connection { .. }), "{lost:?}");
    assert_eq!(*callers.lock().unwrap(), 4);
}

#[tokio::test]
async fn nobody_at_the_address_is_a_lost_connection() {
    let gateway = Gateway::start().await;
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let athena = athena_client::Athena::builder(format!("http://{free}")).build().unwrap();
    let lost = athena.health().await.unwrap_err();
    assert!(matches!(lost, Error::Connection { .. }), "{lost:?}");
    assert!(gateway.seen().is_empty());
}
