//! Streams: who waits for whom, and who gives up.

use crate::support::{PATIENCE, backend, eventually, fetching, permit, settings};
use backend::{Backend, BackendError, Chunks, RowFormat};
use backend_postgres::Postgres;
use bytes::Bytes;
use futures_util::StreamExt;
use serde_json::json;
use std::time::{Duration, Instant};
use test_support::TestDatabase;

const NOTHING_RUNS: &str = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'athena' AND state <> 'idle')";

async fn database(view: &str) -> TestDatabase {
    let database = TestDatabase::create().await;
    database.run(&format!("CREATE VIEW big AS {view}")).await;
    database
}

async fn stream(postgres: &Postgres, deadline: Duration) -> Chunks {
    let body = json!({"table_name": "big", "limit": 1_000_000});
    let statement = fetching(postgres, body).await;
    postgres.stream(&permit(), statement, RowFormat::Lines, deadline)
}

async fn rest(mut chunks: Chunks) -> Result<usize, BackendError> {
    let mut bytes = 0;
    while let Some(chunk) = chunks.next().await {
        bytes += chunk?.len();
    }
    Ok(bytes)
}

#[tokio::test]
async fn a_dropped_stream_is_cancelled_in_the_database() {
    let endless = "SELECT i AS id, repeat('x', 500) AS x, pg_sleep(0.001)::text AS s
                   FROM generate_series(1, 10000000) AS i";
    let database = database(endless).await;
    let postgres = backend(&database);
    let mut chunks = stream(&postgres, PATIENCE).await;
    let first: Bytes = chunks.next().await.unwrap().unwrap();
    assert!(first.starts_with(b"{\"id\":1,"));
    drop(chunks);
    assert!(eventually(&database, NOTHING_RUNS).await);
    // The session is quiet before it is back.
    let began = Instant::now();
    while postgres.pool_status().reads.in_use > 0 {
        assert!(began.elapsed() < Duration::from_secs(5), "it is never back");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_stream_nobody_has_read_from_is_cancelled_too() {
    let database = database("SELECT 1 AS id FROM pg_sleep(60)").await;
    let postgres = backend(&database);
    let chunks = stream(&postgres, PATIENCE).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(chunks);
    assert!(eventually(&database, NOTHING_RUNS).await);
}

#[tokio::test]
async fn a_slow_reader_is_not_held_against_the_statement() {
    let wide = "SELECT i AS id, repeat('x', 1000) AS x FROM generate_series(1, 20000) AS i";
    let database = database(wide).await;
    let mut settings = settings(&database);
    settings.statement_timeout = Duration::from_secs(1);
    let postgres = Postgres::connect(&settings);
    let mut chunks = stream(&postgres, Duration::from_millis(900)).await;
    let first = chunks.next().await.unwrap().unwrap().len();
    // Longer than both the deadline and the database's own limit; the sockets are full by then.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(first + rest(chunks).await.unwrap() > 20_000_000);
}

#[tokio::test]
async fn a_reader_who_takes_nothing_at_all_is_given_up() {
    let wide = "SELECT i AS id, repeat('x', 1000) AS x FROM generate_series(1, 50000) AS i";
    let database = database(wide).await;
    let mut settings = settings(&database);
    settings.reader_patience = Duration::from_millis(400);
    let postgres = Postgres::connect(&settings);
    let mut chunks = stream(&postgres, PATIENCE).await;
    chunks.next().await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(eventually(&database, NOTHING_RUNS).await, "the connection is still held");
    let error = rest(chunks).await.unwrap_err();
    assert!(matches!(error, BackendError::ReaderTooSlow), "{error:?}");
}

#[tokio::test]
async fn a_database_that_stalls_in_the_middle_ends_the_stream() {
    let stalls = "SELECT i AS id, repeat('x', 100) AS x FROM generate_series(1, 1000) AS i
                  UNION ALL SELECT 0, 'late' FROM pg_sleep(60)";
    let database = database(stalls).await;
    let postgres = backend(&database);
    let mut chunks = stream(&postgres, Duration::from_millis(700)).await;
    assert!(!chunks.next().await.unwrap().unwrap().is_empty());
    let error = rest(chunks).await.unwrap_err();
    assert!(matches!(error, BackendError::Timeout), "{error:?}");
    assert!(eventually(&database, NOTHING_RUNS).await);
}

#[tokio::test]
async fn rows_that_are_there_do_not_wait_for_those_that_are_not() {
    let slow = "SELECT i AS id, repeat('x', 9000) AS x FROM generate_series(1, 2) AS i
                UNION ALL SELECT 3, 'late' FROM pg_sleep(3)";
    let database = database(slow).await;
    let postgres = backend(&database);
    let mut chunks = stream(&postgres, PATIENCE).await;
    let first = tokio::time::timeout(Duration::from_secs(2), chunks.next()).await;
    assert!(first.unwrap().unwrap().unwrap().starts_with(b"{\"id\":1,"));
    assert!(rest(chunks).await.unwrap() > 0);
}

#[tokio::test]
async fn a_column_that_cannot_be_written_fails_the_stream_and_not_the_session() {
    let database = database("SELECT i AS id, i AS p FROM generate_series(1, 10) AS i").await;
    let postgres = backend(&database);
    let statement = fetching(&postgres, json!({"table_name": "big", "limit": 10})).await;
    // The database is asked for JSON where a type has no writer; this one came after the catalog was read.
    let sql = "DROP VIEW big;
        CREATE VIEW big AS SELECT i AS id, point(1, 2) AS p FROM generate_series(1, 10) AS i";
    database.run(sql).await;
    let chunks = postgres.stream(&permit(), statement, RowFormat::Array, PATIENCE);
    let error = rest(chunks).await.unwrap_err();
    let problem = error.problem();
    assert_eq!(problem.code, "column_decode_error");
    assert_eq!(problem.details["column"], "p");
    assert!(problem.hint.unwrap().contains("Cast"));
    postgres.ping().await.unwrap();
}

#[tokio::test]
async fn a_stream_after_an_idle_death_begins_again() {
    let database = database("SELECT i AS id FROM generate_series(1, 3) AS i").await;
    let postgres = backend(&database);
    let body = json!({"table_name": "big", "limit": 10});
    let statement = fetching(&postgres, body).await;
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE application_name = 'athena' AND datname = current_database()";
    database.run(kill).await;
    let chunks = postgres.stream(&permit(), statement, RowFormat::Array, PATIENCE);
    assert_eq!(rest(chunks).await.unwrap(), r#"[{"id":1},{"id":2},{"id":3}]"#.len());
}
