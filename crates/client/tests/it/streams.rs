//! Rows one by one.

use crate::support::{Gateway, hangs_up_after};
use athena_client::{Error, RowStream};
use axum::{body::Body, response::Response};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

fn ndjson(body: Body) -> Response {
    Response::builder().header("content-type", "application/x-ndjson").body(body).unwrap()
}

async fn stream_of(body: Body) -> RowStream<Value> {
    let gateway = Gateway::start().await;
    gateway.reply_whole(ndjson(body));
    let athena = gateway.builder().max_line_bytes(1000).build().unwrap();
    athena.from("t").all().stream().await.unwrap()
}

/// All rows, and the error that ended them.
async fn drained(mut rows: RowStream<Value>) -> (Vec<Value>, Option<Error>) {
    let mut good = Vec::new();
    while let Some(row) = rows.next().await {
        match row {
            Ok(row) => good.push(row),
            Err(error) => {
                assert!(rows.next().await.is_none(), "nothing comes after an error");
                return (good, Some(error));
            }
        }
    }
    (good, None)
}

#[tokio::test]
async fn rows_come_one_by_one_however_they_were_cut() {
    let pieces =
        ["{\"id\":1}\n{\"i", "d\":", "2}\r\n\n", "  \n", "{\"id\":\"名", "前\"}\n", "{\"id\":4}"];
    let pieces = stream::iter(pieces.map(Ok::<_, Infallible>));
    let (rows, error) = drained(stream_of(Body::from_stream(pieces)).await).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(rows, [json!({"id":1}), json!({"id":2}), json!({"id":"名前"}), json!({"id":4})]);
    let (rows, error) = drained(stream_of(Body::empty()).await).await;
    assert!(rows.is_empty() && error.is_none());
}

#[tokio::test]
async fn a_stream_is_asked_for_by_its_kind() {
    let gateway = Gateway::start().await;
    gateway.reply_whole(ndjson(Body::from("[1]\n")));
    let rows = gateway.athena().sql("select $1").bind(1).stream::<Vec<i32>>().await.unwrap();
    let rows: Vec<_> = rows.map(Result::unwrap).collect().await;
    assert_eq!(rows, [[1]]);
    let seen = gateway.only();
    assert_eq!(seen.header("accept"), Some("application/x-ndjson"));
    assert_eq!(seen.body, json!({ "query": "select $1", "params": [1] }));
}

#[tokio::test]
async fn a_slow_taker_holds_the_gateway_back() {
    let gateway = Gateway::start().await;
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let line = format!("{}\n", json!({ "text": "x".repeat(8000) }));
    let size = line.len();
    let endless = stream::repeat_with(move || {
        counted.fetch_add(line.len(), Ordering::SeqCst);
        Ok::<_, Infallible>(line.clone())
    });
    gateway.reply_whole(ndjson(Body::from_stream(endless)));
    let mut rows = gateway.athena().from("t").all().stream::<Value>().await.unwrap();
    rows.next().await.unwrap().unwrap();
    // Until the buffers between us are full; then nothing more.
    let mut before = 0;
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = sent.load(Ordering::SeqCst);
        if now == before {
            break;
        }
        before = now;
    }
    let held = sent.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(sent.load(Ordering::SeqCst), held, "it went on although nobody took rows");
    assert!(held < 32 << 20, "{held} bytes were under way");
    for _ in 0..(2 * held / size) {
        rows.next().await.unwrap().unwrap();
    }
    assert!(sent.load(Ordering::SeqCst) > held, "it goes on when rows are taken");
}

struct Gone(Option<tokio::sync::oneshot::Sender<()>>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.take().unwrap().send(()).ok();
    }
}

#[tokio::test]
async fn a_dropped_stream_stops_the_gateway() {
    let gateway = Gateway::start().await;
    let (sender, told) = tokio::sync::oneshot::channel();
    let gone = Gone(Some(sender));
    let endless = stream::unfold(gone, |gone| async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        Some((Ok::<_, Infallible>("{}\n"), gone))
    });
    gateway.reply_whole(ndjson(Body::from_stream(endless)));
    let mut rows = gateway.athena().from("t").all().stream::<Value>().await.unwrap();
    rows.next().await.unwrap().unwrap();
    drop(rows);
    tokio::time::timeout(Duration::from_secs(5), told).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_row_over_the_limit_ends_the_stream_with_or_without_its_end() {
    let long = "x".repeat(2000);
    let whole = format!("{{\"id\":1}}\n\"{long}\"\n{{\"id\":2}}\n");
    let (rows, error) = drained(stream_of(Body::from(whole)).await).await;
    assert_eq!(rows, [json!({ "id": 1 })]);
    assert!(matches!(error, Some(Error::TooLarge { what: "row", limit: 1000 })), "{error:?}");
    let endless = stream::repeat_with(|| Ok::<_, Infallible>("x".repeat(300)));
    let (rows, error) = drained(stream_of(Body::from_stream(endless)).await).await;
    assert!(rows.is_empty());
    assert!(matches!(error, Some(Error::TooLarge { what: "row", limit: 1000 })), "{error:?}");
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_not_taken_for_whole() {
    let (rows, error) = drained(stream_of(Body::from("{\"id\":1}\n{\"id\":")).await).await;
    assert_eq!(rows, [json!({ "id": 1 })]);
    assert!(matches!(error, Some(Error::Truncated { source: None })), "{error:?}");
    // The transfer itself says that it is not over.
    let (athena, _) = hangs_up_after(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{\"id\":1}\n\r\n",
    )
    .await;
    let rows = athena.from("t").all().stream().await.unwrap();
    let (rows, error) = drained(rows).await;
    assert_eq!(rows, [json!({ "id": 1 })]);
    assert!(matches!(error, Some(Error::Truncated { source: Some(_) })), "{error:?}");
}

#[tokio::test]
async fn a_line_that_is_no_row_ends_the_stream() {
    let (rows, error) = drained(stream_of(Body::from("{}\n<html>\n{}\n")).await).await;
    assert_eq!(rows, [json!({})]);
    assert!(matches!(error, Some(Error::Unreadable { status: 200, .. })), "{error:?}");
    #[derive(Debug, Deserialize)]
    struct Row {
        #[expect(dead_code, reason = "only its type is looked at")]
        id: i64,
    }
    let gateway = Gateway::start().await;
    gateway.reply_whole(ndjson(Body::from("{\"id\":\"x\"}\n")));
    let mut rows = gateway.athena().from("t").all().stream::<Row>().await.unwrap();
    let error = rows.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Decode { .. }), "{error:?}");
}

#[tokio::test]
async fn trouble_halfway_is_the_gateways_refusal_and_a_row_like_it_is_a_row() {
    let row = json!({ "status": "error", "code": "x", "message": "y", "trace_id": "z" });
    let trouble = json!({
        "status": "error", "code": "statement_timeout", "message": "Too slow", "error": "Too slow",
        "trace_id": "t1", "request_id": "r1", "status_code": 504,
    });
    let (rows, error) = drained(stream_of(Body::from(format!("{row}\n{trouble}\n"))).await).await;
    assert_eq!(rows, [row]);
    let error = error.unwrap();
    assert_eq!((error.code(), error.status()), (Some("statement_timeout"), Some(504)));
}

#[tokio::test]
async fn a_gateway_that_does_not_stream_is_told_from_one_that_does() {
    let gateway = Gateway::start().await;
    gateway.reply_with(200, &[("content-type", "application/json")], json!({ "data": [] }));
    let refused = gateway.athena().from("t").all().stream::<Value>().await.unwrap_err();
    assert!(refused.to_string().contains("application/json"), "{refused}");
    gateway.reply(503, "");
    gateway.reply(400, json!({ "code": "unknown_table", "message": "no" }));
    let refused = gateway.athena().from("t").all().stream::<Value>().await.unwrap_err();
    assert_eq!(refused.code(), Some("unknown_table"));
    assert_eq!(gateway.seen().len(), 3, "opening a read's stream is repeated like a read");
}

#[tokio::test]
async fn a_stream_that_falls_silent_times_out() {
    let gateway = Gateway::start().await;
    let silent = stream::once(async { Ok::<_, Infallible>("{}\n") }).chain(stream::pending());
    gateway.reply_whole(ndjson(Body::from_stream(silent)));
    let read = gateway.athena().from("t").all().timeout(Duration::from_millis(200));
    let (rows, error) = drained(read.stream().await.unwrap()).await;
    assert_eq!(rows, [json!({})]);
    assert!(matches!(error, Some(Error::TimedOut { .. })), "{error:?}");
}
