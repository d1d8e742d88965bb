//! How requests are done that were put off, and what becomes of them when that fails.

use crate::later::{Later, id_of, quick};
use backend::{BackendError, DatabaseError, Outcome, fake::FakeAnswer};
use backend_postgres::{Postgres, PostgresSettings};
use gateway::DeferredSettings;
use http::Method;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use test_support::TestDatabase;

const INSERT: &str = r#"{"table_name":"invoices","insert_body":{"id":7}}"#;
const FETCH: &str = r#"{"table_name":"invoices"}"#;

fn rows(json: &str, count: u64) -> FakeAnswer {
    let outcome = Outcome { returned: count, affected: count, count: None };
    FakeAnswer::Rows { json: json.to_owned(), outcome }
}

fn unreachable() -> FakeAnswer {
    FakeAnswer::Fail(BackendError::Unreachable { source: "it is away".into() })
}

fn refused() -> FakeAnswer {
    FakeAnswer::Fail(BackendError::Database(Box::new(DatabaseError {
        sqlstate: "23505".to_owned(),
        message: "duplicate key".to_owned(),
        detail: None,
        hint: None,
        schema: None,
        table: None,
        column: None,
        constraint: None,
        position: None,
    })))
}

#[tokio::test]
async fn a_request_is_done_with_the_rights_its_key_has_by_then() {
    let later = Later::keyed(quick()).await;
    let (key, id) = later.key(&["gateway.read"]).await;
    let filed = later.file("/gateway/fetch", &key, FETCH).await;
    let closed = later.admin(Method::DELETE, &format!("/admin/api-keys/{id}"), &Value::Null).await;
    assert_eq!(closed.status, 200);
    let (narrowed, narrowed_id) = later.key(&["gateway.read"]).await;
    let narrow = later.file("/gateway/fetch", &narrowed, FETCH).await;
    let sql = format!(
        "delete from api_key_right_grants where api_key_id = (select id from api_keys where api_keys_id = '{narrowed_id}')"
    );
    later.database.run(&sql).await;
    // The keyring hears of it on a connection of its own.
    let narrowed = async || {
        let headers = [("x-athena-client", "shop"), ("x-athena-key", narrowed.as_str())];
        later.gateway.call(Method::POST, "/gateway/fetch", &headers, FETCH).await.status
    };
    for _ in 0..500 {
        if narrowed().await == 403 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let before = later.gateway.statements();
    let worker = later.work();
    let closed = later.over(&filed).await;
    assert_eq!(
        (&closed["status"], &closed["error_code"]),
        (&json!("dead_letter"), &json!("invalid_api_key"))
    );
    assert!(closed["error_message"].as_str().unwrap().contains("no longer opens"), "{closed}");
    let narrowed = later.over(&narrow).await;
    assert_eq!(
        (&narrowed["status"], &narrowed["error_code"]),
        (&json!("dead_letter"), &json!("missing_right"))
    );
    worker.stop().await;
    assert_eq!(later.gateway.statements(), before);
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_what_will_not_is_given_up_at_once() {
    let later = Later::open(quick()).await;
    later.gateway.backend.answer(unreachable());
    later.gateway.backend.answer(rows(r#"[{"id":7}]"#, 1));
    let id = later.file("/gateway/insert", "", INSERT).await;
    let worker = later.work();
    let passed = later.over(&id).await;
    assert_eq!(
        (&passed["status"], &passed["attempts"]),
        (&json!("completed"), &json!(2)),
        "{passed}"
    );
    assert_eq!(
        (&passed["error_message"], passed["completed_at"].is_string()),
        (&Value::Null, true)
    );

    later.gateway.backend.answer(refused());
    let id = later.file("/gateway/insert", "", INSERT).await;
    let permanent = later.over(&id).await;
    assert_eq!((&permanent["status"], &permanent["attempts"]), (&json!("dead_letter"), &json!(1)));
    assert_eq!(permanent["error_code"], "unique_violation");
    worker.stop().await;

    let later = Later::open(DeferredSettings { max_attempts: 2, ..quick() }).await;
    (0..4).for_each(|_| later.gateway.backend.answer(unreachable()));
    let id = later.file("/gateway/insert", "", INSERT).await;
    let worker = later.work();
    let given_up = later.over(&id).await;
    assert_eq!((&given_up["status"], &given_up["attempts"]), (&json!("dead_letter"), &json!(2)));
    worker.stop().await;
    let seen = later.gateway.gateway.deferred().unwrap().events();
    let kind = gateway::DeferredKind::Insert;
    assert_eq!(seen.of(kind, gateway::EventKind::DeadLetter), 1);
    assert_eq!(seen.of(kind, gateway::EventKind::RetryScheduled), 1);
}

#[tokio::test]
async fn a_request_that_is_over_is_done_again_from_the_beginning_when_somebody_wants_that() {
    let later = Later::open(quick()).await;
    let waiting = later.file("/gateway/insert", "", INSERT).await;
    let again = format!("/gateway/deferred/{waiting}/requeue");
    let early = later.admin(Method::POST, &again, &Value::Null).await;
    assert_eq!(
        early.refusal(),
        (409, "deferred_not_requeueable", "Deferred request is not requeueable")
    );
    let worker = later.work();
    assert_eq!(later.over(&waiting).await["status"], "completed");
    let requeued = later.admin(Method::POST, &again, &Value::Null).await;
    let expected = json!({ "status": "success", "message": "Deferred request requeued",
        "data": { "request_id": waiting, "status": "queued" } });
    assert_eq!((requeued.status, &requeued.body), (200, &expected));
    let done = later.over(&waiting).await;
    assert_eq!((&done["status"], &done["attempts"]), (&json!("completed"), &json!(1)), "{done}");
    worker.stop().await;
    assert_eq!(later.gateway.statements(), 2, "a replay is what was asked for");
}

#[tokio::test]
async fn two_nodes_share_the_work_and_do_each_request_once() {
    let one = Later::open(quick()).await;
    let two =
        Later::beside(Arc::clone(&one.database), quick(), gateway::Limits::default(), false).await;
    let mut filed = Vec::new();
    for number in 0..60 {
        let node = if number % 2 == 0 { &one } else { &two };
        filed.push(node.file("/gateway/insert", "", INSERT).await);
    }
    let (first, second) = (one.work(), two.work());
    for id in &filed {
        assert_eq!(one.over(id).await["status"], "completed");
    }
    first.stop().await;
    second.stop().await;
    let (at_one, at_two) = (one.gateway.statements(), two.gateway.statements());
    assert_eq!(at_one + at_two, 60, "{at_one} and {at_two}");
    assert!(at_one > 0 && at_two > 0, "{at_one} and {at_two}");
}

#[tokio::test]
async fn a_node_that_stops_gives_back_what_it_did_not_finish_and_another_goes_on_at_once() {
    let settings = DeferredSettings {
        drain: Duration::from_millis(100),
        lease: Duration::from_secs(600),
        ..quick()
    };
    let one = Later::open(settings.clone()).await;
    one.gateway.backend.answer(FakeAnswer::Hang);
    let id = one.file("/gateway/fetch", "", FETCH).await;
    let worker = one.work();
    while one.status(&id).await["status"] != "running" {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    worker.stop().await;
    let status = one.status(&id).await;
    assert_eq!((&status["status"], &status["attempts"]), (&json!("queued"), &json!(0)), "{status}");
    let two =
        Later::beside(Arc::clone(&one.database), settings, gateway::Limits::default(), false).await;
    let worker = two.work();
    let done = two.over(&id).await;
    assert_eq!((&done["status"], &done["attempts"]), (&json!("completed"), &json!(1)), "{done}");
    worker.stop().await;
}

#[tokio::test]
async fn a_node_that_vanishes_loses_its_lease_and_a_request_that_never_ends_well_is_given_up() {
    let later = Later::open(DeferredSettings { max_attempts: 2, ..quick() }).await;
    let id = later.file("/gateway/fetch", "", FETCH).await;
    // As a process leaves it that was killed.
    let gone = format!(
        "update gateway_deferred_request_queue set status = 'running', attempts = 1,
             lease_owner = gen_random_uuid(), lease_until = now() - interval '1 second' where request_id = '{id}'"
    );
    later.database.run(&gone).await;
    let worker = later.work();
    let done = later.over(&id).await;
    assert_eq!((&done["status"], &done["attempts"]), (&json!("completed"), &json!(2)), "{done}");
    later.database.run(&gone.replace("attempts = 1", "attempts = 2, completed_at = null")).await;
    let given_up = later.over(&id).await;
    assert_eq!(
        (&given_up["status"], &given_up["error_code"]),
        (&json!("dead_letter"), &json!("attempts_exhausted"))
    );
    worker.stop().await;
}

#[tokio::test]
async fn a_write_with_a_key_of_which_nobody_knows_whether_it_was_done_is_never_done_again() {
    let later = Later::open(quick()).await;
    let keyed = later.later("/gateway/insert", "", &[("idempotency-key", "k")], INSERT).await;
    let free = later.file("/gateway/insert", "", INSERT).await;
    let id = id_of(&keyed);
    // This kind of database keeps no record of its transactions; the process was killed in between.
    let gone = "update gateway_deferred_request_queue set status = 'running', attempts = 1, mark = 'blind',
        lease_owner = gen_random_uuid(), lease_until = now() - interval '1 second'";
    later.database.run(gone).await;
    let worker = later.work();
    let unknown = later.over(&id).await;
    assert_eq!(
        (&unknown["status"], &unknown["error_code"]),
        (&json!("dead_letter"), &json!("outcome_unknown"))
    );
    assert_eq!(later.over(&free).await["status"], "completed");
    worker.stop().await;
    assert_eq!(later.gateway.statements(), 1, "the one without a key");
}

async fn count(database: &TestDatabase, sql: &'static str) -> i64 {
    let mut connection = database.connect().await;
    sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
}

/// A row in the client's own database, written by a process that was killed before it could say so.
async fn left_behind(
    later: &Later,
    shop: &TestDatabase,
    id: &str,
    number: i32,
    ends: &'static str,
) -> sqlx::PgConnection {
    let mut connection = shop.connect().await;
    sqlx::raw_sql("begin").execute(&mut connection).await.unwrap();
    let insert = sqlx::query("insert into bills values ($1)").bind(number);
    insert.execute(&mut connection).await.unwrap();
    let asked = sqlx::query_scalar("select txid_current()::text");
    let transaction: String = asked.fetch_one(&mut connection).await.unwrap();
    sqlx::raw_sql(ends).execute(&mut connection).await.unwrap();
    let sql = format!(
        "update gateway_deferred_request_queue set status = 'running', attempts = 1, mark = 'txn:{transaction}',
             lease_owner = gen_random_uuid(), lease_until = now() - interval '1 second' where request_id = '{id}'"
    );
    later.database.run(&sql).await;
    connection
}

#[tokio::test]
async fn a_write_that_was_committed_before_a_kill_is_found_and_not_done_again() {
    let later = Later::open(quick()).await;
    let shop = TestDatabase::create().await;
    shop.run("create table bills (id int)").await;
    let settings = PostgresSettings::parse(shop.uri()).unwrap();
    later.answered_by(Arc::new(Postgres::connect(&settings)));
    let insert =
        |number: i32| format!(r#"{{"table_name":"bills","insert_body":{{"id":{number}}}}}"#);
    let mut filed = Vec::new();
    for number in 1..=3 {
        filed.push(later.file("/gateway/insert", "", &insert(number)).await);
    }
    let _committed = left_behind(&later, &shop, &filed[0], 1, "commit").await;
    let _rolled_back = left_behind(&later, &shop, &filed[1], 2, "rollback").await;
    let mut open = left_behind(&later, &shop, &filed[2], 3, "select 1").await;
    let worker = later.work();
    let found = later.over(&filed[0]).await;
    assert_eq!(
        (&found["status"], &found["result_summary"]["recovered"]),
        (&json!("completed"), &json!(true))
    );
    let done = later.over(&filed[1]).await;
    assert_eq!(
        (&done["status"], &done["result_summary"]["row_count"]),
        (&json!("completed"), &json!(1))
    );
    let waiting = later.status(&filed[2]).await;
    assert_ne!(waiting["status"], "completed", "its session has not ended: {waiting}");
    sqlx::raw_sql("commit").execute(&mut open).await.unwrap();
    assert_eq!(later.over(&filed[2]).await["result_summary"]["recovered"], true);
    worker.stop().await;
    assert_eq!(count(&shop, "select count(*) from bills").await, 3);
    assert_eq!(count(&shop, "select count(distinct id) from bills").await, 3);
}
