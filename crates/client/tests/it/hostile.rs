//! Answers no gateway gives.

use crate::support::{Gateway, hangs_up_after};
use athena_client::Error;
use axum::{body::Body, response::Response};
use futures_util::stream;
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::net::TcpListener;

#[tokio::test]
async fn an_answer_that_is_not_json_is_told_so() {
    let gateway = Gateway::start().await;
    for body in ["<html>", "{\"data\":[1", "{\"data\":[]} x", "\u{0}", "{\"data\":[],\"data\":[]}"]
    {
        gateway.reply(200, body);
        let refused = gateway.athena().from("t").all().rows::<Value>().await.unwrap_err();
        assert!(matches!(refused, Error::Unreadable { status: 200, .. }), "{body}: {refused:?}");
        assert_eq!(refused.status(), Some(200));
    }
    let bytes = Response::new(Body::from(&b"[\"\xff\"]"[..]));
    gateway.reply_whole(bytes);
    let refused = gateway.athena().from("t").all().rows::<Value>().await.unwrap_err();
    assert!(matches!(refused, Error::Unreadable { .. }), "{refused:?}");
}

#[tokio::test]
async fn an_answer_without_end_is_given_up_at_the_limit() {
    let gateway = Gateway::start().await;
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let endless = stream::repeat_with(move || {
        counted.fetch_add(65_536, Ordering::Relaxed);
        Ok::<_, Infallible>(vec![b' '; 65_536])
    });
    gateway.reply_whole(Response::new(Body::from_stream(endless)));
    let athena = gateway.builder().max_answer_bytes(1 << 20).build().unwrap();
    let refused = athena.from("t").all().rows::<Value>().await.unwrap_err();
    assert!(matches!(refused, Error::TooLarge { what: "answer", limit: 1_048_576 }), "{refused:?}");
    assert_eq!(gateway.seen().len(), 1, "a size is not a passing failure");
}

#[tokio::test]
async fn an_announced_size_over_the_limit_is_not_even_begun() {
    let (athena, _) =
        hangs_up_after(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n[").await;
    let refused = athena.from("t").all().rows::<Value>().await.unwrap_err();
    assert!(matches!(refused, Error::TooLarge { what: "answer", .. }), "{refused:?}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_taken_for_whole() {
    let (athena, callers) =
        hangs_up_after(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[{\"id\":1}]").await;
    let broken = athena.from("t").all().rows::<Value>().await.unwrap_err();
    assert!(matches!(broken, Error::Truncated { source: Some(_) }), "{broken:?}");
    assert_eq!(*callers.lock().unwrap(), 3, "a read is tried again");
    let broken = athena.from("t").insert(json!({ "a": 1 })).run().await.unwrap_err();
    assert!(matches!(broken, Error::Truncated { .. }), "{broken:?}");
    assert_eq!(*callers.lock().unwrap(), 4, "a write is not");
}

#[tokio::test]
async fn a_server_that_speaks_something_else_is_a_lost_connection() {
    let (athena, _) = hangs_up_after(b"SSH-2.0-OpenSSH_9.6\r\n").await;
    let lost = athena.from("t").insert(json!({ "a": 1 })).run().await.unwrap_err();
    assert!(matches!(lost, Error::Connection { .. }), "{lost:?}");
}

/// A server that accepts, never answers, and tells when its caller has gone.
async fn silent() -> (athena_client::Athena, tokio::sync::oneshot::Receiver<()>) {
    use tokio::io::AsyncReadExt;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (gone, told) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut sink = [0; 4096];
        while socket.read(&mut sink).await.is_ok_and(|read| read > 0) {}
        gone.send(()).unwrap();
    });
    (athena_client::Athena::builder(url).build().unwrap(), told)
}

#[tokio::test]
async fn a_dropped_call_closes_its_connection() {
    let (athena, told) = silent().await;
    let read = athena.from("t").all().rows::<Value>();
    let gave_up = tokio::time::timeout(Duration::from_millis(200), read).await;
    assert!(gave_up.is_err());
    tokio::time::timeout(Duration::from_secs(5), told).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_call_ends_within_its_timeout_and_closes_its_connection() {
    let (athena, told) = silent().await;
    let read = athena.from("t").all().timeout(Duration::from_millis(200)).request_id("r-1");
    let late = read.rows::<Value>().await.unwrap_err();
    assert!(matches!(&late, Error::TimedOut { request_id, .. } if request_id == "r-1"), "{late:?}");
    assert!(!late.is_passing(), "nobody knows whether the work was done");
    tokio::time::timeout(Duration::from_secs(5), told).await.unwrap().unwrap();
}
