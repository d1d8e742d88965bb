//! What happens to clients is kept: once for all nodes, and for those who come back later.

use super::{ADMIN, BASE, Ground, Node, Wishes, memory};
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use serde_json::json;
use std::time::Duration;
use tower::ServiceExt;

/// What is told from now on, until a line of it has this text.
async fn heard(node: &Node, last: Option<&str>, until: &str) -> String {
    let mut request = Request::get(format!("{BASE}/events")).header("x-athena-key", ADMIN);
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let request = request.body(Body::empty()).unwrap();
    let response = node.gateway.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let (mut body, mut heard) = (response.into_body(), String::new());
    while !heard.contains(until) {
        let frame = tokio::time::timeout(Duration::from_secs(5), body.frame()).await;
        let frame = frame.unwrap_or_else(|_| panic!("no {until} in {heard}"));
        heard.push_str(std::str::from_utf8(frame.unwrap().unwrap().data_ref().unwrap()).unwrap());
    }
    heard
}

/// Until so many events of this kind are kept.
async fn kept(ground: &Ground, sql: &'static str, expected: i64) {
    for _ in 0..200 {
        if ground.ask(sql).await == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{sql} is {} and not {expected}", ground.ask(sql).await);
}

#[tokio::test]
async fn what_every_node_hears_of_is_kept_once_and_without_any_secret() {
    let ground = Ground::lay().await;
    let (one, other) = (
        Node::start(&ground, Wishes::default()).await,
        Node::start(&ground, Wishes::default()).await,
    );
    let mut wanted = memory("crm");
    wanted["label"] = "before".into();
    one.made(wanted).await;
    other.until("crm", "ok").await;
    one.patch("crm", json!({ "active": false })).await;
    other.until("crm", "inactive").await;
    assert_eq!(one.delete("crm").await.status, 204);
    for (sql, count) in [
        (
            "select count(*) from datasource_events where kind = 'client.created' and client_name = 'crm'",
            1,
        ),
        (
            "select count(*) from datasource_events where kind = 'client.updated' and client_name = 'crm'",
            1,
        ),
        (
            "select count(*) from datasource_events where kind = 'client.removed' and client_name = 'crm'",
            1,
        ),
    ] {
        kept(&ground, sql, count).await;
    }
    let nodes =
        "select count(distinct node) from datasource_events where kind = 'client.status_changed'";
    kept(&ground, nodes, 2).await;
    one.stop().await;
    other.stop().await;
    let news = "select count(*) from datasource_events where kind <> 'client.status_changed'";
    let before = ground.ask(news).await;
    Node::start(&ground, Wishes::default()).await.stop().await;
    assert_eq!(ground.ask(news).await, before, "a start is no news");
}

#[tokio::test]
async fn who_comes_back_is_told_what_happened_in_between() {
    let (ground, node) = super::alone().await;
    let first = {
        let (heard, _) = tokio::join!(heard(&node, None, "event: client.created"), async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            node.made(memory("one")).await
        });
        heard
    };
    let id = first.lines().rev().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
    node.made(memory("two")).await;
    assert_eq!(node.delete("one").await.status, 204);
    // What is told of what was missed comes before everything new.
    let second = heard(&node, Some(&id), "event: client.removed").await;
    let created = second.find("event: client.created").unwrap();
    assert!(created < second.find("event: client.removed").unwrap(), "{second}");
    assert!(second.contains(r#""client":"two""#), "{second}");
    assert_eq!(second.matches("event: client.created").count(), 1, "{second}");
    let ids: Vec<&str> = second.lines().filter_map(|line| line.strip_prefix("id: ")).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(ids.len(), unique.len(), "nothing is told twice");
    for unknown in ["00000000-0000-0000-0000-000000000000", "no id"] {
        heard(&node, Some(unknown), "event: missed").await;
    }
    node.stop().await;
    drop(ground);
}
