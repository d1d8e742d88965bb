//! Requests that are done later.

use crate::{
    later::{ADMIN, Later, id_of, quick},
    support::TestGateway,
};
use backend::{Outcome, fake::FakeAnswer};
use gateway::DeferredSettings;
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const INSERT: &str = r#"{"table_name":"invoices","insert_body":{"id":7}}"#;
const FETCH: &str = r#"{"table_name":"invoices"}"#;
const ALL: [&str; 5] =
    ["gateway.read", "gateway.write", "gateway.delete", "gateway.query", "gateway.sql"];

fn rows(json: &str, count: u64) -> FakeAnswer {
    let outcome = Outcome { returned: count, affected: count, count: None };
    FakeAnswer::Rows { json: json.to_owned(), outcome }
}

#[tokio::test]
async fn every_operation_is_filed_and_done_later_with_its_summary_and_its_whole_answer() {
    let later = Later::keyed(quick()).await;
    let (key, _) = later.key(&ALL).await;
    let update = r#"{"table_name":"invoices","set":{"amount":1},"conditions":[{"column":"id","operator":"eq","value":7}]}"#;
    let delete = r#"{"table_name":"invoices","resource_id":7}"#;
    let mut filed = Vec::new();
    for (path, body, message, kind) in [
        (
            "/gateway/query",
            r#"{"query":"select 1 as id; select 7 as id"}"#,
            "Query",
            "gateway_query",
        ),
        ("/gateway/fetch", FETCH, "Fetch request", "gateway_fetch"),
        ("/gateway/insert", INSERT, "Insert request", "gateway_insert"),
        ("/gateway/update", update, "Update request", "gateway_update"),
        ("/gateway/delete", delete, "Delete request", "gateway_delete"),
    ] {
        let reply = later.later(path, &key, &[], body).await;
        let id = id_of(&reply);
        let expected = json!({
            "status": "success",
            "message": format!("{message} queued for deferred execution"),
            "data": { "request_id": id, "status": "queued", "route": path },
        });
        assert_eq!((reply.status, &reply.body), (202, &expected));
        filed.push((id, path, kind));
    }
    assert_eq!(later.gateway.statements(), 0, "nothing is done yet");
    let fake = later.another_fake();
    // One worker at a time, so that each request gets its own answer.
    let worker = later.work();
    for (id, path, kind) in filed {
        let seen = later.over(&id).await;
        assert_eq!(
            (&seen["status"], &seen["attempts"]),
            (&json!("completed"), &json!(1)),
            "{seen}"
        );
        assert_eq!((&seen["route"], &seen["client"]), (&json!(path), &json!("shop")));
        assert_eq!(
            (&seen["storage"], &seen["next_attempt_at"]),
            (&json!("postgres"), &Value::Null)
        );
        assert_eq!(seen["deferred_reason"], "x_athena_defer_header");
        assert_eq!(seen["result_summary"]["kind"], kind);
        let result = format!("/gateway/deferred/{id}/result");
        let result = later.admin(Method::GET, &result, &Value::Null).await;
        assert_eq!(result.status, 200, "{result:?}");
        assert!(result.body.get("data").is_some(), "{result:?}");
    }
    worker.stop().await;
    assert_eq!(fake.seen().len() + fake.scripts().len(), 5);
    fake.answer(rows(r#"[{"id":7},{"id":8}]"#, 2));
    let id = later.file("/gateway/fetch", &key, FETCH).await;
    let worker = later.work();
    let seen = later.over(&id).await;
    worker.stop().await;
    let expected = json!({ "kind": "gateway_fetch", "client_name": "shop", "table_name": "invoices",
        "row_count": 2, "rows_preview": [{ "id": 7 }, { "id": 8 }] });
    assert_eq!(seen["result_summary"], expected);
}

#[tokio::test]
async fn what_would_be_refused_is_refused_at_once_and_nothing_is_filed() {
    let later = Later::keyed(quick()).await;
    let (key, _) = later.key(&["invoices.read"]).await;
    let no_client = [("x-athena-key", key.as_str()), ("x-athena-defer", "on")];
    let no_client = later.gateway.call(Method::POST, "/gateway/query", &no_client, "{}").await;
    assert_eq!(
        (no_client.status, no_client.body["message"].as_str()),
        (400, Some("Missing required header"))
    );
    for (path, key, more, body, status, code) in [
        ("/gateway/fetch", key.as_str(), None, r#"{"table_name":"nope"}"#, 403, "missing_right"),
        (
            "/gateway/fetch",
            &key,
            None,
            r#"{"table_name":"invoices","columns":["nope"]}"#,
            400,
            "unknown_column",
        ),
        ("/gateway/fetch", &key, None, "{", 400, "invalid_json"),
        ("/gateway/insert", &key, None, INSERT, 403, "missing_right"),
        (
            "/gateway/query",
            &key,
            None,
            r#"{"query":"update invoices set id = 1"}"#,
            403,
            "missing_right",
        ),
        ("/gateway/query", &key, None, r#"{"query":""}"#, 400, "invalid_query_text"),
        ("/gateway/fetch", "", None, FETCH, 401, "api_key_required"),
        (
            "/gateway/fetch",
            &key,
            Some(("x-pg-uri", "postgres://u:secret@there/db")),
            FETCH,
            400,
            "not_supported",
        ),
        (
            "/gateway/fetch",
            &key,
            Some(("accept", "application/x-ndjson")),
            FETCH,
            406,
            "not_streamable",
        ),
    ] {
        let reply = later.later(path, key, more.as_slice(), body).await;
        assert_eq!((reply.status, &reply.body["code"]), (status, &json!(code)), "{path} {body}");
    }
    let sql = later.later("/gateway/sql", &key, &[], r#"{"query":"select 1"}"#).await;
    assert_eq!((sql.status, &sql.body["code"]), (400, &json!("not_supported")), "{sql:?}");
    let unknown = [("x-athena-client", "nobody"), ("x-athena-key", ADMIN), ("x-athena-defer", "1")];
    let unknown = later.gateway.call(Method::POST, "/gateway/fetch", &unknown, FETCH).await;
    assert_eq!(unknown.status, 401);
    assert_eq!(later.count("select count(*) from gateway_deferred_request_queue").await, 0);
    let open = Later::open(DeferredSettings { body_limit: 100, ..quick() }).await;
    let unknown = [("x-athena-client", "nobody"), ("x-athena-defer", "1")];
    let unknown = open.gateway.call(Method::POST, "/gateway/fetch", &unknown, FETCH).await;
    assert_eq!(unknown.refusal().1, "unknown_client");
    let large =
        format!(r#"{{"table_name":"invoices","insert_body":{{"meta":"{}"}}}}"#, "x".repeat(100));
    let large = open.later("/gateway/insert", "", &[], &large).await;
    assert_eq!((large.status, &large.body["code"]), (413, &json!("body_too_large")));
    // Without a queue the header is refused, as any that would change the meaning.
    let without = TestGateway::open();
    let headers = [("x-athena-client", "shop"), ("x-athena-defer", "true")];
    let without = without.call(Method::POST, "/gateway/fetch", &headers, FETCH).await;
    assert_eq!((without.status, &without.body["code"]), (400, &json!("not_supported")));
}

#[tokio::test]
async fn only_who_filed_it_and_who_has_the_right_sees_or_changes_a_deferred_request() {
    let later = Later::keyed(quick()).await;
    let (own, _) = later.key(&["gateway.read"]).await;
    let (other, _) = later.key(&["gateway.*"]).await;
    let (stranger, _) = later.key_of("books", &["*"]).await;
    let (reader, _) = later.key(&["deferred.read"]).await;
    let (manager, _) = later.key(&["deferred.read", "deferred.manage"]).await;
    let id = later.file("/gateway/fetch", &own, FETCH).await;
    let path = format!("/gateway/deferred/{id}");
    let ask = async |method: Method, path: &str, key: &str| {
        let headers: &[(&str, &str)] = if key.is_empty() {
            &[]
        } else {
            &[("x-athena-key", key), ("x-athena-client", "shop")]
        };
        let reply = later.gateway.call(method, path, headers, "").await;
        (reply.status, reply.body)
    };
    for (key, status) in [
        (own.as_str(), 200),
        (&reader, 200),
        (&manager, 200),
        (ADMIN, 200),
        (&other, 403),
        (&stranger, 404),
        ("", 401),
    ] {
        assert_eq!(ask(Method::GET, &path, key).await.0, status, "status with {key}");
        let result = ask(Method::GET, &format!("{path}/result"), key).await;
        assert_eq!(result.0, if status == 200 { 404 } else { status }, "result with {key}");
    }
    // Whoever may not see a request does not learn whether there is one.
    for key in [stranger.as_str(), ""] {
        let nowhere = ask(Method::GET, "/gateway/deferred/nowhere", key).await;
        let (status, there) = ask(Method::GET, &path, key).await;
        assert_eq!((nowhere.0, &nowhere.1["code"]), (status, &there["code"]), "{there}");
    }
    let cancel = format!("{path}/cancel");
    for key in [&other, &reader] {
        let (status, body) = ask(Method::POST, &cancel, key).await;
        assert_eq!(
            (status, &body["details"]["missing_rights"]),
            (403, &json!(["deferred.manage"]))
        );
    }
    let listed = async |key: &str| {
        let (status, body) = ask(Method::GET, "/gateway/deferred?status=queued", key).await;
        assert_eq!(status, 200, "{body}");
        body["data"].as_array().unwrap().len()
    };
    assert_eq!(
        (listed(&own).await, listed(&other).await, listed(&reader).await, listed(ADMIN).await),
        (1, 0, 1, 1)
    );
    let (status, body) = ask(Method::GET, "/gateway/deferred?state=queued", ADMIN).await;
    assert_eq!((status, &body["code"]), (400, &json!("invalid_query")));
    let (status, body) = ask(Method::POST, &cancel, &own).await;
    assert_eq!((status, &body["data"]["status"]), (200, &json!("cancelled")));
    let (status, body) = ask(Method::POST, &cancel, &manager).await;
    assert_eq!((status, &body["code"]), (409, &json!("deferred_not_cancellable")));
    let (status, body) = ask(Method::GET, "/gateway/deferred/nowhere", ADMIN).await;
    assert_eq!((status, &body["message"]), (404, &json!("Deferred request not found")));
}

#[tokio::test]
async fn nothing_of_a_key_is_kept_with_a_deferred_request() {
    let later = Later::keyed(quick()).await;
    let (key, _) = later.key(&["gateway.read"]).await;
    let more = [("authorization", "Bearer nothing"), ("x-user-id", "someone")];
    assert_eq!(later.later("/gateway/fetch", &key, &more[1..], FETCH).await.status, 202);
    let secret = key.split_once('.').unwrap().1;
    let check = format!(
        "do $$ begin
             assert (select count(*) from gateway_deferred_request_queue) = 1;
             assert not exists (select from gateway_deferred_request_queue q where strpos(q::text, '{secret}') > 0), 'a leak';
             assert not exists (select from gateway_deferred_request_queue q where strpos(q::text, 'someone') > 0), 'a header';
         end $$"
    );
    later.database.run(&check).await;
}

#[tokio::test]
async fn a_key_of_a_write_stands_for_one_request_now_or_later() {
    let later = Later::open(quick()).await;
    let keyed = [("idempotency-key", "k1")];
    let first = later.later("/gateway/insert", "", &keyed, INSERT).await;
    let again = later.later("/gateway/insert", "", &keyed, INSERT).await;
    assert_eq!((first.status, again.status), (202, 202), "{first:?}");
    assert_eq!(first.text, again.text, "the same id");
    assert_eq!(
        (first.header("idempotency-replayed"), again.header("idempotency-replayed")),
        (None, Some("true"))
    );
    let now = [("x-athena-client", "shop"), ("idempotency-key", "k1")];
    let now = later.gateway.call(Method::PUT, "/gateway/insert", &now, INSERT).await;
    assert_eq!((now.status, &now.text), (202, &first.text), "it is filed already");
    let other = r#"{"table_name":"invoices","insert_body":{"id":8}}"#;
    let other = later.later("/gateway/insert", "", &keyed, other).await;
    assert_eq!((other.status, &other.body["code"]), (409, &json!("idempotency_key_conflict")));

    let done = [("x-athena-client", "shop"), ("idempotency-key", "k2")];
    let done = later.gateway.call(Method::PUT, "/gateway/insert", &done, INSERT).await;
    assert_eq!(done.status, 200);
    let filed = later.later("/gateway/insert", "", &[("idempotency-key", "k2")], INSERT).await;
    assert_eq!((filed.status, &filed.text), (200, &done.text), "it is done already");
    assert_eq!(later.count("select count(*) from gateway_deferred_request_queue").await, 1);
    let worker = later.work();
    later.over(&id_of(&first)).await;
    worker.stop().await;
    assert_eq!(later.gateway.statements(), 2);
}

#[tokio::test]
async fn a_full_queue_turns_away_and_has_room_again_when_something_is_done() {
    let later = Later::open(DeferredSettings { queue_limit: 3, ..quick() }).await;
    for _ in 0..3 {
        later.file("/gateway/fetch", "", FETCH).await;
    }
    let full = later.later("/gateway/fetch", "", &[], FETCH).await;
    assert_eq!((full.status, &full.body["code"]), (429, &json!("deferred_queue_full")), "{full:?}");
    assert_eq!(
        (full.header("retry-after"), &full.body["details"]["limit"]),
        (Some("1"), &json!(3))
    );
    let worker = later.work();
    for _ in 0..500 {
        if later.later("/gateway/fetch", "", &[], FETCH).await.status == 202 {
            worker.stop().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("there is never room again");
}

#[tokio::test]
async fn the_health_tells_how_long_the_queue_is_and_nothing_of_what_is_in_it() {
    let plain = TestGateway::open();
    let health = plain.call(Method::GET, "/health", &[], "").await;
    assert_eq!(health.body["data"]["deferred_queue"], Value::Null, "there is no queue");
    let later = Later::keyed(quick()).await;
    let (key, _) = later.key(&ALL).await;
    for _ in 0..2 {
        assert_eq!(later.later("/gateway/insert", &key, &[], INSERT).await.status, 202);
    }
    let look = || later.gateway.call(Method::GET, "/health", &[], "");
    let queue = look().await.body["data"]["deferred_queue"].clone();
    assert!(queue["oldest_seconds"].is_u64(), "{queue}");
    assert_eq!(
        (&queue["queued"], &queue["running"], &queue["dead_letter"]),
        (&json!(2), &json!(0), &json!(0))
    );
    // Whoever asks again at once is told what is known, and the store is not asked.
    later.later("/gateway/insert", &key, &[], INSERT).await;
    assert_eq!(look().await.body["data"]["deferred_queue"]["queued"], 2);
}
