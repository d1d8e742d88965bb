//! How many requests are let in.

use crate::later::{ADMIN, Later, quick};
use gateway::Limits;
use http::Method;
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const FETCH: &str = r#"{"table_name":"invoices"}"#;
const INSERT: &str = r#"{"table_name":"invoices","insert_body":{"id":7}}"#;

fn limits(global: u64, client: u64, identity: u64) -> Limits {
    let window = Duration::from_secs(60);
    Limits { enabled: true, window, global, client, identity, ..Limits::default() }
}

#[tokio::test]
async fn over_the_limit_is_a_429_and_every_answer_tells_what_is_left() {
    let later = Later::limited(limits(100, 2, 0)).await;
    for left in ["1", "0"] {
        let reply = later.gateway.post("/gateway/fetch", FETCH).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(
            (reply.header("ratelimit-limit"), reply.header("ratelimit-remaining")),
            (Some("2"), Some(left))
        );
        assert_eq!(reply.header("ratelimit-policy"), Some("2;w=60"));
    }
    let over = later.gateway.post("/gateway/fetch", FETCH).await;
    let text = "Request rate exceeded gateway admission limit";
    assert_eq!(over.refusal(), (429, "admission_limit_exceeded", text));
    assert_eq!(over.body["message"], "Too Many Requests");
    assert_eq!(
        (&over.body["details"]["scope"], &over.body["details"]["limit"]),
        (&json!("client"), &json!(2))
    );
    assert_eq!(
        (over.header("retry-after"), over.header("ratelimit-remaining")),
        (Some("30"), Some("0"))
    );
    assert_eq!(over.header("ratelimit-reset"), Some("60"));
    assert!(over.header("x-request-id").is_some());
    let in_rest = later
        .gateway
        .call(Method::GET, "/rest/v1/invoices", &[("x-athena-client", "shop")], "")
        .await;
    assert_eq!(
        (in_rest.status, &in_rest.body["code"]),
        (429, &json!("admission_limit_exceeded")),
        "{in_rest:?}"
    );
    assert_eq!(in_rest.header("retry-after"), Some("30"));
    // A refusal of the routes themselves tells what is left, too.
    let other = [("x-athena-client", "nobody")];
    let unknown = later.gateway.call(Method::POST, "/gateway/fetch", &other, FETCH).await;
    assert_eq!((unknown.status, unknown.header("ratelimit-remaining")), (400, Some("1")));
    for (method, path) in [
        (Method::GET, "/health"),
        (Method::GET, "/ping"),
        (Method::GET, "/metrics"),
        (Method::OPTIONS, "/gateway/fetch"),
        (Method::GET, "/admin/admission-limits"),
    ] {
        let headers = [
            ("x-athena-client", "shop"),
            ("x-athena-key", ADMIN),
            ("origin", "https://a.example"),
            ("access-control-request-method", "POST"),
        ];
        for _ in 0..5 {
            let free = later.gateway.call(method.clone(), path, &headers, "").await;
            assert_eq!((free.status, free.header("ratelimit-limit")), (200, None), "{path}");
        }
    }
}

#[tokio::test]
async fn who_asks_is_known_by_their_key_or_their_address_and_by_nothing_they_say() {
    let later = Later::build(quick(), limits(0, 0, 2), true).await;
    let (key, _) = later.key(&["gateway.read"]).await;
    let (other, _) = later.key(&["gateway.read"]).await;
    let peer = "10.0.0.1:1000";
    // A key has a budget of its own wherever it is used.
    for (from, status) in [(peer, 200), ("10.0.0.9:1", 200), ("10.0.0.8:1", 429)] {
        assert_eq!(
            later.asked_from(from, &[("x-athena-key", &key)]).await.status,
            status,
            "{from}"
        );
    }
    assert_eq!(later.asked_from(peer, &[("x-athena-key", &other)]).await.status, 200);
    // Whoever has none is their address, whatever headers say.
    let forged = |number: usize| (format!("10.9.9.{number}"), format!("ath_{number:016x}.wrong"));
    let mut statuses = Vec::new();
    for number in 0..4 {
        let (address, key) = forged(number);
        let headers = [
            ("x-forwarded-for", address.as_str()),
            ("x-real-ip", &address),
            ("x-athena-key", &key),
            ("x-user-id", &address),
        ];
        statuses.push(later.asked_from("10.0.0.2:7", &headers).await.status);
    }
    assert_eq!(statuses, [401, 401, 429, 429]);
    // Another port is the same address.
    assert_eq!(later.asked_from("10.0.0.2:8", &[]).await.status, 429);
    assert_eq!(later.asked_from("10.0.0.3:7", &[]).await.status, 401);
}

#[tokio::test]
async fn strangers_use_up_nobodys_bucket_and_unknown_names_share_one() {
    let later = Later::build(quick(), limits(0, 2, 0), true).await;
    let (key, _) = later.key(&["gateway.read"]).await;
    let mut statuses = Vec::new();
    for name in ["shop", "a", "b", "c"] {
        let headers = [("x-athena-client", name)];
        let reply = later.gateway.call(Method::POST, "/gateway/fetch", &headers, FETCH).await;
        statuses.push(reply.status);
    }
    assert_eq!(statuses, [401, 401, 429, 429], "all of them from one bucket");
    for status in [200, 200, 429] {
        let headers = [("x-athena-client", "SHOP "), ("x-athena-key", key.as_str())];
        let reply = later.gateway.call(Method::POST, "/gateway/fetch", &headers, FETCH).await;
        assert_eq!(reply.status, status);
    }
    // Without the header it is the client of the key.
    let headers = [("x-athena-key", key.as_str())];
    let reply = later.gateway.call(Method::GET, "/rest/v1/invoices", &headers, "").await;
    assert_eq!(reply.status, 429);
}

#[tokio::test]
async fn over_the_limit_listed_operations_are_put_off_and_written_down() {
    let limits = Limits {
        defer_on_limit: true,
        defer_prefixes: vec!["/gateway/insert".to_owned()],
        ..limits(0, 1, 0)
    };
    let later = Later::build(quick(), limits, true).await;
    let (key, _) = later.key(&["invoices.read", "invoices.write"]).await;
    let put = async |key: &str, body: &str| {
        let headers = [("x-athena-client", "shop"), ("x-athena-key", key)];
        later.gateway.call(Method::PUT, "/gateway/insert", &headers, body).await
    };
    assert_eq!(put(&key, INSERT).await.status, 200);
    let filed = put(&key, INSERT).await;
    assert_eq!(filed.status, 202, "{filed:?}");
    assert_eq!(filed.body["data"]["deferred_reason"], "admission_limit_exceeded");
    assert_eq!(filed.header("ratelimit-remaining"), Some("0"));
    // Checked as if it were done now.
    let odd = put(&key, r#"{"table_name":"invoices","insert_body":{"nope":1}}"#).await;
    assert_eq!(odd.refusal().1, "unknown_column");
    let forbidden = put(&key, r#"{"table_name":"secrets","insert_body":{"id":1}}"#).await;
    assert_eq!(forbidden.refusal().1, "missing_right");
    assert_eq!(put("ath_0000000000000000.x", INSERT).await.status, 401);
    assert_eq!(
        put("ath_0000000000000000.x", INSERT).await.status,
        429,
        "a stranger is turned away"
    );
    let headers = [("x-athena-client", "shop"), ("x-athena-key", key.as_str())];
    let fetch = later.gateway.call(Method::POST, "/gateway/fetch", &headers, FETCH).await;
    assert_eq!(fetch.status, 429, "not a listed path");
    let asked = later.later("/gateway/fetch", &key, &[], FETCH).await;
    assert_eq!(asked.status, 202, "whoever asks for it is put off anywhere");

    later.log.close().await;
    let events = later.admin(Method::GET, "/admin/admission-events?limit=50", &Value::Null).await;
    let seen: Vec<_> = events.body["events"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|event| {
            (
                event["decision"].as_str().unwrap(),
                event["route"].as_str().unwrap(),
                event["client_name"].as_str(),
            )
        })
        .collect();
    let (insert, fetch) = ("/gateway/insert", "/gateway/fetch");
    assert_eq!(
        seen,
        [
            ("deferred", insert, Some("shop")),
            ("rejected", insert, None),
            ("rejected", fetch, Some("shop")),
            ("deferred", fetch, Some("shop")),
        ]
    );
    let deferred = later
        .admin(
            Method::GET,
            "/admin/admission-events?decision=deferred&client=Shop&offset=1",
            &Value::Null,
        )
        .await;
    let event = &deferred.body["events"][0];
    assert_eq!(event["deferred_request_id"], filed.body["data"]["request_id"]);
    assert_eq!(
        (&event["reason"], &event["method"]),
        (&json!("admission_limit_exceeded"), &json!("PUT"))
    );
    assert_eq!(
        (&event["per_client_limit_per_window"], &event["window_seconds"]),
        (&json!(1), &json!(60))
    );
    assert_eq!(
        (&deferred.body["decision"], &deferred.body["client"]),
        (&json!("deferred"), &json!("shop"))
    );
}

#[tokio::test]
async fn limits_set_on_one_node_hold_on_the_other_within_a_second() {
    let one = Later::limited(Limits::default()).await;
    let two = Later::beside(Arc::clone(&one.database), quick(), Limits::default(), false).await;
    // Both nodes have begun to listen, or this would only show how quickly they do.
    tokio::time::sleep(Duration::from_millis(500)).await;
    for _ in 0..20 {
        assert_eq!(two.gateway.post("/gateway/fetch", FETCH).await.status, 200);
    }
    let wanted = json!({ "window_secs": 60, "clients": { "shop": 1 } });
    let set = one.admin(Method::PUT, "/admin/admission-limits", &wanted).await;
    assert_eq!((set.status, &set.body["data"]["clients"]), (200, &json!({ "shop": 1 })), "{set:?}");
    let began = Instant::now();
    while two.gateway.post("/gateway/fetch", FETCH).await.status != 429 {
        assert!(began.elapsed() < Duration::from_secs(1), "the other node does not hear of it");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let shown = two.admin(Method::GET, "/admin/admission-limits", &Value::Null).await;
    assert_eq!(shown.body["data"], set.body["data"]);
    let cleared = one.admin(Method::DELETE, "/admin/admission-limits", &Value::Null).await;
    assert_eq!((cleared.status, &cleared.body["data"]["enabled"]), (200, &json!(false)));
    let began = Instant::now();
    while two.gateway.post("/gateway/fetch", FETCH).await.status != 200 {
        assert!(began.elapsed() < Duration::from_secs(1), "the other node does not hear of it");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(
        one.count(
            "select count(*) from admin_audit where action like 'admission.%' and actor = 'admin'"
        )
        .await,
        2
    );
}

#[tokio::test]
async fn limits_are_set_by_who_may_and_odd_ones_are_refused_by_name() {
    let later = Later::build(quick(), Limits::default(), true).await;
    let path = "/admin/admission-limits";
    let odd = later.admin(Method::PUT, path, &json!({ "windows": 1 })).await;
    assert_eq!((odd.status, &odd.body["details"]["field"]), (400, &json!("windows")), "{odd:?}");
    let odd = later.admin(Method::PUT, path, &json!([])).await;
    assert_eq!(odd.status, 400);
    let put = async |key: &str| {
        let headers = [("x-athena-key", key)];
        later.gateway.call(Method::PUT, path, &headers, "{}").await
    };
    let (reader, _) = later.key(&["admission.read"]).await;
    assert_eq!(put(&reader).await.refusal().1, "missing_right");
    let (data, _) = later.key(&["gateway.*"]).await;
    assert_eq!(put(&data).await.refusal().1, "missing_right");
    let (bound, _) = later.key(&["admission.read", "admission.manage"]).await;
    assert_eq!(put(&bound).await.refusal().1, "api_key_client_mismatch", "everybody's limits");
    assert_eq!(put("").await.status, 401);
    let events = later.gateway.call(Method::GET, "/admin/admission-events", &[], "").await;
    assert_eq!(events.status, 401);
    let events = later.admin(Method::GET, "/admin/admission-events?desicion=x", &Value::Null).await;
    assert_eq!((events.status, &events.body["code"]), (400, &json!("invalid_query")));
}
