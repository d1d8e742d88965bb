//! What the gateway says when it does not do the work.

use crate::support::Gateway;
use athena_client::Error;
use serde_json::{Value, json};
use std::time::Duration;

async fn refused(gateway: &Gateway) -> Error {
    gateway.athena().sql("select 1").rows::<Value>().await.unwrap_err()
}

#[tokio::test]
async fn all_that_the_gateway_said_is_kept() {
    let gateway = Gateway::start().await;
    gateway.reply_with(
        429,
        &[("retry-after", "7")],
        json!({
            "status": "error", "code": "rate_limited", "message": "Too many requests",
            "error": "older words", "trace_id": "0123456789abcdef", "request_id": "r-9",
            "status_code": 429, "details": { "limit": 5 }, "hint": "Wait.",
        }),
    );
    let error = refused(&gateway).await;
    assert_eq!((error.code(), error.status()), (Some("rate_limited"), Some(429)));
    assert_eq!(error.trace_id(), Some("0123456789abcdef"));
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.message, "Too many requests");
    assert_eq!(refusal.details["limit"], 5);
    assert_eq!(refusal.hint.as_deref(), Some("Wait."));
    assert_eq!(refusal.request_id, "r-9");
    assert_eq!(refusal.retry_after, Some(Duration::from_secs(7)));
    let shown = "Too many requests (rate_limited, status 429, request r-9)";
    assert_eq!(error.to_string(), shown);
}

#[tokio::test]
async fn a_page_of_html_is_a_refusal_with_its_status() {
    let gateway = Gateway::start().await;
    gateway.reply_with(403, &[("content-type", "text/html")], "<html>no</html>");
    let error = refused(&gateway).await;
    assert_eq!((error.code(), error.status()), (Some("http_403"), Some(403)));
    assert!(!error.to_string().contains("html"), "{error}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let gateway = Gateway::start().await;
    let elsewhere = Gateway::start().await;
    let to = format!("http://{}/gateway/query", elsewhere.address);
    gateway.reply_with(307, &[("location", &to)], "");
    assert_eq!(refused(&gateway).await.code(), Some("http_307"));
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn an_explanation_without_end_is_still_a_refusal() {
    let gateway = Gateway::start().await;
    gateway.reply(400, "x".repeat(3 << 20));
    assert_eq!(refused(&gateway).await.code(), Some("http_400"));
}
