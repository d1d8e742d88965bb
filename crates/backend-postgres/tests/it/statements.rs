//! Binding, counting, deadlines, cancelling, and what a read-only session refuses.

use crate::support::{
    PATIENCE, backend, eventually, permit, read, reading, run, settings, writing,
};
use backend::{Backend, BackendError};
use backend_postgres::{Postgres, RenderedSql};
use bytes::BytesMut;
use query::Param;
use std::{sync::Arc, time::Duration};
use test_support::TestDatabase;

const NOTHING_SLEEPS: &str = "SELECT NOT EXISTS (SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep(30%'
    AND pid <> pg_backend_pid())";
const SOMETHING_SLEEPS: &str = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep(30%'
    AND pid <> pg_backend_pid())";
const SLEEP: &str = "SELECT pg_sleep(30)::text AS slept";

#[tokio::test]
async fn every_kind_of_parameter_arrives() {
    let database = TestDatabase::create().await;
    let text = "SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e, $6 AS f, $7::text::timestamptz AS g, $8::text::date AS h";
    let params = [
        Param::Bool(true),
        Param::Int2(-2),
        Param::Int4(4),
        Param::Int8(i64::MAX),
        Param::Float8(0.1),
        Param::Uuid(uuid::Uuid::nil()),
        Param::Text("2024-02-29 12:00:00+01".to_owned()),
        Param::Null,
    ];
    let (json, _) = run(&backend(&database), reading(text, &params), PATIENCE).await.unwrap();
    let expected = r#"[{"a":true,"b":-2,"c":4,"d":9223372036854775807,"e":0.1,"f":"00000000-0000-0000-0000-000000000000","g":"2024-02-29T11:00:00+00:00","h":null}]"#;
    assert_eq!(json, expected);
}

#[tokio::test]
async fn no_rows_are_an_empty_array() {
    let database = TestDatabase::create().await;
    assert_eq!(read(&backend(&database), "SELECT 1 AS a WHERE false").await, "[]");
}

#[tokio::test]
async fn rows_are_appended_to_what_the_buffer_holds() {
    let database = TestDatabase::create().await;
    let mut out = BytesMut::from(&b"{\"data\":"[..]);
    let statement = reading("SELECT i FROM generate_series(1, 2) AS i", &[]);
    let postgres = backend(&database);
    let outcome =
        postgres.execute_rendered(&permit(), statement, PATIENCE, &mut out).await.unwrap();
    assert_eq!(&out[..], b"{\"data\":[{\"i\":1},{\"i\":2}]");
    assert_eq!((outcome.returned, outcome.affected), (2, 2));
}

#[tokio::test]
async fn a_write_says_how_many_rows_it_changed() {
    let database = TestDatabase::create().await;
    database.run("CREATE TABLE notes (id int PRIMARY KEY, body text)").await;
    let postgres = backend(&database);
    let insert = "INSERT INTO notes SELECT i, $1 FROM generate_series(1, 5) AS i RETURNING id";
    let params = [Param::Text("x".to_owned())];
    let (json, outcome) = run(&postgres, writing(insert, &params), PATIENCE).await.unwrap();
    assert_eq!(json, r#"[{"id":1},{"id":2},{"id":3},{"id":4},{"id":5}]"#);
    assert_eq!((outcome.returned, outcome.affected), (5, 5));
    let update = "UPDATE notes SET body = NULL WHERE id > 3";
    let (json, outcome) = run(&postgres, writing(update, &[]), PATIENCE).await.unwrap();
    assert_eq!((json.as_str(), outcome.returned, outcome.affected), ("[]", 0, 2));
}

#[tokio::test]
async fn a_read_that_writes_is_refused_by_the_database() {
    let database = TestDatabase::create().await;
    database.run("CREATE TABLE notes (id int)").await;
    let postgres = backend(&database);
    let statement = reading("INSERT INTO notes VALUES (1) RETURNING id", &[]);
    let error = run(&postgres, statement, PATIENCE).await.unwrap_err();
    assert_eq!(error.problem().details["sql_state"], "25006");
    assert_eq!(read(&postgres, "SELECT id FROM notes").await, "[]");
}

#[tokio::test]
async fn a_statement_past_its_deadline_is_cancelled_in_the_database() {
    let database = TestDatabase::create().await;
    let postgres = backend(&database);
    let ran = run(&postgres, reading(SLEEP, &[]), Duration::from_millis(300)).await;
    assert!(matches!(ran, Err(BackendError::Timeout)), "{ran:?}");
    assert!(eventually(&database, NOTHING_SLEEPS).await);
    assert_eq!(read(&postgres, "SELECT 1 AS a").await, r#"[{"a":1}]"#);
}

#[tokio::test]
async fn a_caller_who_leaves_takes_the_statement_along() {
    let database = TestDatabase::create().await;
    let postgres = Arc::new(backend(&database));
    let running = tokio::spawn({
        let postgres = Arc::clone(&postgres);
        async move { run(&postgres, reading(SLEEP, &[]), PATIENCE).await.map(drop) }
    });
    assert!(eventually(&database, SOMETHING_SLEEPS).await);
    running.abort();
    assert!(eventually(&database, NOTHING_SLEEPS).await);
    assert_eq!(read(&postgres, "SELECT 1 AS a").await, r#"[{"a":1}]"#);
}

#[tokio::test]
async fn a_cancelled_session_serves_again() {
    let database = TestDatabase::create().await;
    let mut settings = settings(&database);
    settings.read_connections = 1;
    let postgres = Postgres::connect(&settings);
    let process = "SELECT pg_backend_pid() AS pid";
    let before = read(&postgres, process).await;
    let ran = run(&postgres, reading(SLEEP, &[]), Duration::from_millis(200)).await;
    assert!(matches!(ran, Err(BackendError::Timeout)), "{ran:?}");
    // The only connection: this waits until it was drained.
    assert_eq!(read(&postgres, process).await, before);
}

#[tokio::test]
async fn when_every_connection_is_busy_a_caller_waits_until_the_deadline() {
    let database = TestDatabase::create().await;
    let mut settings = settings(&database);
    settings.read_connections = 1;
    let postgres = Arc::new(Postgres::connect(&settings));
    let busy = tokio::spawn({
        let postgres = Arc::clone(&postgres);
        async move { run(&postgres, reading(SLEEP, &[]), Duration::from_secs(2)).await.map(drop) }
    });
    assert!(eventually(&database, SOMETHING_SLEEPS).await);
    let ran = run(&postgres, reading("SELECT 1 AS a", &[]), Duration::from_millis(100)).await;
    assert!(matches!(ran, Err(BackendError::PoolTimeout)), "{ran:?}");
    assert_eq!(read(&postgres, "SELECT 1 AS a").await, r#"[{"a":1}]"#);
    assert!(matches!(busy.await.unwrap(), Err(BackendError::Timeout)));
}

#[tokio::test]
async fn no_more_connections_are_opened_than_allowed() {
    let database = TestDatabase::create().await;
    let mut settings = settings(&database);
    settings.read_connections = 3;
    let postgres = Arc::new(Postgres::connect(&settings));
    let tasks = (0..40).map(|_| {
        let postgres = Arc::clone(&postgres);
        tokio::spawn(async move { read(&postgres, "SELECT pg_sleep(0.01)::text AS a").await })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let status = postgres.pool_status();
    assert!(status.reads.idle <= 3, "{status:?}");
    assert_eq!((status.reads.limit, status.reads.in_use, status.writes.idle), (3, 0, 0));
    let told: Vec<_> = postgres.pools().iter().map(|pool| (pool.name, pool.limit)).collect();
    assert_eq!(told, [("reads", 3), ("writes", status.writes.limit)]);
}

#[tokio::test]
async fn a_changed_table_does_not_break_prepared_statements() {
    let database = TestDatabase::create().await;
    database.run("CREATE TABLE notes (id int, body int); INSERT INTO notes VALUES (1, 2)").await;
    let mut settings = settings(&database);
    (settings.read_connections, settings.write_connections) = (1, 1);
    let postgres = Postgres::connect(&settings);
    let update = "UPDATE notes SET id = id + 1 RETURNING *";
    assert_eq!(read(&postgres, "SELECT * FROM notes").await, r#"[{"id":1,"body":2}]"#);
    let (json, _) = run(&postgres, writing(update, &[]), PATIENCE).await.unwrap();
    assert_eq!(json, r#"[{"id":2,"body":2}]"#);
    database.run("ALTER TABLE notes ALTER body TYPE text USING 'now ' || body").await;
    assert_eq!(read(&postgres, "SELECT * FROM notes").await, r#"[{"id":2,"body":"now 2"}]"#);
    let (json, _) = run(&postgres, writing(update, &[]), PATIENCE).await.unwrap();
    assert_eq!(json, r#"[{"id":3,"body":"now 2"}]"#);
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_refused_and_the_session_survives() {
    let database = TestDatabase::create().await;
    let mut settings = settings(&database);
    settings.max_result_bytes = 100_000;
    let postgres = Postgres::connect(&settings);
    let text = "SELECT repeat('x', 1000) AS x FROM generate_series(1, 100000)";
    let error = run(&postgres, reading(text, &[]), PATIENCE).await.unwrap_err();
    assert!(matches!(error, BackendError::TooLarge { limit: 100_000 }), "{error:?}");
    assert_eq!(read(&postgres, "SELECT 1 AS a").await, r#"[{"a":1}]"#);
}

#[tokio::test]
async fn more_values_than_a_statement_carries_are_refused_in_words() {
    let database = TestDatabase::create().await;
    let params = vec![Param::Int4(1); 65_536];
    let error = run(&backend(&database), reading("SELECT 1 AS a", &params), PATIENCE).await;
    let problem = error.unwrap_err().problem();
    assert_eq!((problem.status, problem.code.as_str()), (413, "too_many_values"));
}

#[tokio::test]
async fn a_closed_backend_says_so() {
    let database = TestDatabase::create().await;
    let postgres = backend(&database);
    postgres.ping().await.unwrap();
    postgres.close().await;
    assert!(matches!(postgres.ping().await, Err(BackendError::Closed)));
    let gone = "SELECT NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = 'athena'
                AND datname = current_database())";
    assert!(eventually(&database, gone).await);
}

#[tokio::test]
async fn sessions_run_in_utc_whatever_the_database_prefers() {
    let database = TestDatabase::create().await;
    let name = database.name();
    database.run(&format!("ALTER DATABASE {name} SET timezone = 'Asia/Tokyo'")).await;
    database.run(&format!("ALTER DATABASE {name} SET default_transaction_read_only = off")).await;
    let postgres = backend(&database);
    let statement = RenderedSql {
        ..reading(
            "SELECT current_setting('timezone') AS zone, current_setting('application_name') AS name",
            &[],
        )
    };
    let (json, _) = run(&postgres, statement, PATIENCE).await.unwrap();
    assert_eq!(json, r#"[{"zone":"UTC","name":"athena"}]"#);
}
