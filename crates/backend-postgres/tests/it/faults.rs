//! What goes wrong in a database under load, provoked for real, as callers and retries see it.

use crate::support::{
    PATIENCE, backend, call, calling, permit, reading, rendered, run, script, settings,
};
use backend::{Backend, BackendError, ErrorClass, Isolation, TransactionOptions};
use backend_postgres::{Postgres, PostgresSettings};
use embedded::{Cluster, ClusterSettings, Durability};
use query::{Access, Operation};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use std::{sync::Arc, time::Duration};
use test_support::TestDatabase;

async fn accounts() -> TestDatabase {
    let database = TestDatabase::create().await;
    let sql = "CREATE TABLE accounts (id int PRIMARY KEY, money int NOT NULL);
               INSERT INTO accounts VALUES (1, 10), (2, 10);
               CREATE FUNCTION pause(seconds float8) RETURNS void LANGUAGE sql
                   AS 'SELECT pg_sleep(seconds)'";
    database.run(sql).await;
    database
}

fn said(error: &BackendError) -> (u16, String, ErrorClass) {
    let problem = error.problem();
    (problem.status, problem.code, error.class())
}

fn expected(status: u16, code: &str, class: ErrorClass) -> (u16, String, ErrorClass) {
    (status, code.to_owned(), class)
}

#[tokio::test]
async fn of_two_in_a_deadlock_one_is_told_to_try_again() {
    let database = accounts().await;
    let postgres = Arc::new(backend(&database));
    let cross = |first: u8, second: u8| {
        let postgres = Arc::clone(&postgres);
        let text = format!(
            "UPDATE accounts SET money = money + 1 WHERE id = {first};
             SELECT pg_sleep(0.5)::text;
             UPDATE accounts SET money = money + 1 WHERE id = {second}"
        );
        async move { script(&postgres, Access::ReadWrite, &text, &[]).await.map(drop) }
    };
    let (one, other) = tokio::join!(cross(1, 2), cross(2, 1));
    let errors: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    assert_eq!(errors.len(), 1);
    let problem = errors[0].problem();
    assert_eq!(problem.details["sql_state"], "40P01");
    assert_eq!(said(&errors[0]), expected(503, "serialization_failure", ErrorClass::Transient));
    let (rows, _) =
        script(&postgres, Access::ReadOnly, "SELECT sum(money) AS m FROM accounts", &[])
            .await
            .unwrap();
    assert_eq!(rows, json!([{"m": 22}]), "the other one took effect, and only that");
}

#[tokio::test]
async fn a_serialization_failure_may_be_tried_again() {
    let database = accounts().await;
    let postgres = Arc::new(backend(&database));
    let update = json!({"table_name": "accounts", "set": {"money": 5},
        "conditions": [{"column": "id", "operator": "eq", "value": 1}]});
    let steps = vec![
        rendered(&postgres, Operation::Fetch, json!({"table_name": "accounts"})).await,
        calling(&postgres, json!({"function": "pause", "args": {"seconds": 1}})).await.unwrap(),
        rendered(&postgres, Operation::Update, update).await,
    ];
    let options = TransactionOptions {
        isolation: Some(Isolation::RepeatableRead),
        ..TransactionOptions::default()
    };
    let running = tokio::spawn({
        let postgres = Arc::clone(&postgres);
        async move { postgres.transact(&permit(), steps, options, PATIENCE).await.map(drop) }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    database.run("UPDATE accounts SET money = 7 WHERE id = 1").await;
    let error = running.await.unwrap().unwrap_err();
    assert_eq!(error.problem().details["sql_state"], "40001");
    assert_eq!(said(&error), expected(503, "serialization_failure", ErrorClass::Transient));
}

#[tokio::test]
async fn the_databases_own_time_limit_is_a_timeout() {
    let database = accounts().await;
    let mut settings = settings(&database);
    settings.statement_timeout = Duration::from_millis(300);
    let postgres = Postgres::connect(&settings);
    let error =
        run(&postgres, reading("SELECT pg_sleep(10)::text AS a", &[]), PATIENCE).await.unwrap_err();
    assert_eq!(said(&error), expected(504, "statement_timeout", ErrorClass::Timeout));
    postgres.ping().await.unwrap();
}

#[tokio::test]
async fn a_read_whose_server_process_is_ended_is_unavailable() {
    let database = accounts().await;
    let postgres = Arc::new(backend(&database));
    let running = tokio::spawn({
        let postgres = Arc::clone(&postgres);
        let statement = "SELECT pg_sleep(20)::text AS a";
        async move { run(&postgres, reading(statement, &[]), PATIENCE).await.map(drop) }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE application_name = 'athena' AND datname = current_database()";
    database.run(kill).await;
    let error = running.await.unwrap().unwrap_err();
    assert_eq!(error.problem().details["sql_state"], "57P01");
    assert_eq!(said(&error), expected(503, "connection_error", ErrorClass::Transient));
    assert_eq!(
        call(&postgres, json!({"function": "pause", "args": {"seconds": 0}})).await.0,
        json!([null])
    );
}

#[tokio::test]
async fn a_server_without_a_connection_to_spare_says_so() {
    let folder = tempfile::Builder::new().prefix("athena-full-").tempdir().unwrap().keep();
    let durability = Durability::Throwaway;
    let settings = ClusterSettings { durability, ..ClusterSettings::new(folder.join("data")) };
    let cluster =
        Cluster::start(settings).await.unwrap_or_else(|error| panic!("no PostgreSQL: {error}"));
    let uri = cluster.uri("postgres");
    let mut held = Vec::new();
    while held.len() < 500
        && let Ok(connection) = PgConnection::connect(&uri).await
    {
        held.push(connection);
    }
    assert!(held.len() < 500, "the limit does not hold");
    let postgres = Postgres::connect(&PostgresSettings::parse(&uri).unwrap());
    let error = run(&postgres, reading("SELECT 1 AS a", &[]), PATIENCE).await.unwrap_err();
    assert_eq!(said(&error), expected(503, "too_many_connections", ErrorClass::Transient));
    drop(held);
    tokio::time::sleep(Duration::from_millis(500)).await;
    postgres.ping().await.unwrap();
    postgres.close().await;
    cluster.stop().await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_backend_that_was_introspected_has_a_warm_connection() {
    let database = accounts().await;
    let postgres = backend(&database);
    postgres.introspect().await.unwrap();
    assert_eq!(postgres.pool_status().reads.idle, 1);
}
