//! Databases that are not there, go away, or take too long.

use crate::support::{TestGateway, client};
use backend::{Backend, BackendError, DatabaseError, fake::FakeAnswer};
use gateway::ClientInfo;
use http::Method;
use serde_json::json;
use std::{io, sync::Arc, time::Duration};

const BODY: &str = r#"{"table_name":"invoices"}"#;

/// A database that nobody can reach.
#[derive(Debug)]
struct Absent;

fn unreachable() -> BackendError {
    let source =
        io::Error::new(io::ErrorKind::ConnectionRefused, "postgres://u:hunter2@db refused");
    BackendError::Unreachable { source: Box::new(source) }
}

#[async_trait::async_trait]
impl Backend for Absent {
    fn capabilities(&self) -> backend::Capabilities {
        backend::Capabilities {
            transactions: true,
            offset: true,
            exact_count: true,
            joins: true,
            streams: false,
            raw_sql: false,
            routines: false,
        }
    }
    fn render(&self, plan: &query::Plan) -> Result<query::Statement, query::RenderError> {
        query::Statement::postgres(plan)
    }
    fn render_count(
        &self,
        _: &query::Plan,
    ) -> Result<Option<query::Statement>, query::RenderError> {
        Ok(None)
    }
    async fn execute(
        &self,
        _: &auth::Permit,
        _: &query::Statement,
        _: Duration,
        _: &mut bytes::BytesMut,
    ) -> Result<backend::Outcome, BackendError> {
        Err(unreachable())
    }
    async fn count(
        &self,
        _: &auth::Permit,
        _: &query::Statement,
        _: Duration,
    ) -> Result<u64, BackendError> {
        Err(unreachable())
    }
    async fn introspect(&self) -> Result<catalog::SchemaCache, BackendError> {
        Err(unreachable())
    }
    async fn ping(&self) -> Result<(), BackendError> {
        Err(unreachable())
    }
    async fn close(&self) {}
}

#[tokio::test]
async fn a_database_that_is_down_at_start_is_a_503_for_its_client_alone() {
    let gateway = TestGateway::open();
    gateway.gateway.registry().add(client("aurora"), Arc::new(Absent), ClientInfo::default());
    let headers = [("x-athena-client", "aurora")];
    let reply = gateway.call(Method::POST, "/gateway/fetch", &headers, BODY).await;
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")), "{reply:?}");
    assert_eq!(reply.body["code"], "client_unavailable");
    assert_eq!(reply.body["message"], "Client 'aurora' is configured but currently unavailable");
    assert_eq!(
        reply.body["error"],
        "Postgres client 'aurora' is configured but has no active connection pool"
    );
    assert!(!reply.body.to_string().contains("hunter2"), "{reply:?}");
    assert_eq!(gateway.post("/gateway/fetch", BODY).await.status, 200);
}

#[tokio::test]
async fn a_database_that_goes_away_mid_request_is_a_503_without_its_secrets() {
    let gateway = TestGateway::open();
    // The read is tried once more.
    gateway.backend.answer(FakeAnswer::Fail(unreachable()));
    gateway.backend.answer(FakeAnswer::Fail(unreachable()));
    let reply = gateway.post("/gateway/fetch", BODY).await;
    assert_eq!((reply.status, &reply.body["code"]), (503, &json!("connection_error")));
    assert!(!reply.body.to_string().contains("hunter2"), "{reply:?}");
    assert_eq!(gateway.post("/gateway/fetch", BODY).await.status, 200, "it recovers by itself");
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_a_504() {
    let gateway = TestGateway::open();
    gateway.backend.answer(FakeAnswer::Fail(BackendError::Timeout));
    assert_eq!(gateway.post("/gateway/fetch", BODY).await.status, 504);
}

#[tokio::test]
async fn a_refusal_of_the_database_keeps_values_to_itself() {
    let gateway = TestGateway::open();
    let error = DatabaseError {
        sqlstate: "23505".to_owned(),
        message: "duplicate key value violates unique constraint \"invoices_token_key\"".to_owned(),
        detail: Some("Key (token)=(hunter2) already exists.".to_owned()),
        constraint: Some("invoices_token_key".to_owned()),
        ..DatabaseError::default()
    };
    gateway.backend.answer(FakeAnswer::Fail(BackendError::Database(Box::new(error))));
    let shop = [("x-athena-client", "shop")];
    let body = r#"{"table_name":"invoices","insert_body":{"status":"paid"}}"#;
    let reply = gateway.call(Method::PUT, "/gateway/insert", &shop, body).await;
    assert_eq!((reply.status, &reply.body["code"]), (409, &json!("unique_violation")));
    assert_eq!(reply.body["details"]["constraint"], "invoices_token_key");
    assert!(!reply.body.to_string().contains("hunter2"), "{reply:?}");
}

const INSERT: &str = r#"{"table_name":"invoices","insert_body":{"status":"paid"}}"#;

async fn insert(gateway: &TestGateway) -> crate::support::Reply {
    let shop = [("x-athena-client", "shop")];
    gateway.call(Method::PUT, "/gateway/insert", &shop, INSERT).await
}

fn refused(sqlstate: &str) -> FakeAnswer {
    let error = DatabaseError { sqlstate: sqlstate.to_owned(), ..DatabaseError::default() };
    FakeAnswer::Fail(BackendError::Database(Box::new(error)))
}

#[tokio::test(start_paused = true)]
async fn a_read_is_tried_again_after_a_bad_moment_and_a_write_never_is() {
    let gateway = TestGateway::open();
    for bad_moment in [FakeAnswer::Fail(unreachable()), refused("40001"), refused("57P01")] {
        let before = gateway.statements();
        gateway.backend.answer(bad_moment);
        gateway.rows(r#"[{"id":1}]"#, 1);
        let reply = gateway.post("/gateway/fetch", BODY).await;
        assert_eq!((reply.status, reply.text.contains(r#"[{"id":1}]"#)), (200, true), "{reply:?}");
        assert_eq!(gateway.statements() - before, 2);
    }
    let before = gateway.statements();
    gateway.backend.answer(FakeAnswer::Fail(unreachable()));
    assert_eq!(insert(&gateway).await.status, 503);
    assert_eq!(gateway.statements() - before, 1);
}

#[tokio::test(start_paused = true)]
async fn what_will_fail_the_same_way_is_not_tried_again() {
    let gateway = TestGateway::open();
    for lasting in [refused("42601"), refused("57014"), FakeAnswer::Fail(BackendError::Timeout)] {
        let before = gateway.statements();
        gateway.backend.answer(lasting);
        assert_ne!(gateway.post("/gateway/fetch", BODY).await.status, 200);
        assert_eq!(gateway.statements() - before, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_database_that_keeps_failing_is_left_alone_until_one_request_gets_through() {
    let gateway = TestGateway::open();
    for _ in 0..5 {
        gateway.backend.answer(FakeAnswer::Fail(unreachable()));
        assert_eq!(insert(&gateway).await.body["code"], "connection_error");
    }
    let before = gateway.statements();
    let reply = gateway.post("/gateway/fetch", BODY).await;
    assert_eq!((reply.status, &reply.body["code"]), (503, &json!("backend_unavailable")));
    assert_eq!((&reply.body["until_secs"], reply.header("retry-after")), (&json!(5), Some("5")));
    assert_eq!(gateway.statements(), before, "nothing reached the database");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(gateway.post("/gateway/fetch", BODY).await.status, 200);
    assert_eq!(insert(&gateway).await.status, 200, "the breaker is closed again");
}

#[tokio::test(start_paused = true)]
async fn all_attempts_together_have_one_deadline() {
    let gateway = TestGateway::open();
    let before = tokio::time::Instant::now();
    gateway.backend.answer(FakeAnswer::Fail(unreachable()));
    gateway.backend.answer(FakeAnswer::Hang);
    assert_eq!(gateway.post("/gateway/fetch", BODY).await.status, 504);
    let took = before.elapsed();
    assert!(took <= Duration::from_secs(30) + Duration::from_millis(5), "{took:?}");
}
