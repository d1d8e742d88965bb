//! A server that goes away and comes back.

use crate::support::{PATIENCE, permit, read, reading, run, writing};
use backend::{Backend, BackendError, ErrorClass};
use backend_postgres::{Postgres, PostgresSettings};
use embedded::{Cluster, ClusterSettings, Durability};
use std::{path::Path, sync::Arc, time::Duration};

async fn start(folder: &Path) -> Cluster {
    let settings =
        ClusterSettings { durability: Durability::Throwaway, ..ClusterSettings::new(folder) };
    Cluster::start(settings)
        .await
        .unwrap_or_else(|error| panic!("tests need a PostgreSQL: {error}"))
}

fn connect(uri: &str) -> Arc<Postgres> {
    let mut settings = PostgresSettings::parse(uri).unwrap();
    settings.connect_timeout = Duration::from_secs(2);
    Arc::new(Postgres::connect(&settings))
}

#[tokio::test]
async fn a_backend_for_a_server_that_is_down_can_be_made() {
    let postgres = connect("postgres://nobody@127.0.0.1:1/none");
    let error = postgres.ping().await.unwrap_err();
    assert!(matches!(error, BackendError::Unreachable { .. }), "{error:?}");
    assert_eq!(error.problem().status, 503);
}

#[tokio::test]
async fn a_lost_server_is_unavailable_until_it_is_back() {
    let folder = tempfile::Builder::new().prefix("athena-outage-").tempdir().unwrap().keep();
    let cluster = start(&folder.join("data")).await;
    let uri = cluster.uri("postgres");
    let postgres = connect(&uri);
    let running = tokio::spawn({
        let postgres = Arc::clone(&postgres);
        let statement = "SELECT pg_sleep(30)::text AS a";
        async move { run(&postgres, writing(statement, &[]), PATIENCE).await.map(drop) }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    cluster.stop().await;
    let error = running.await.unwrap().unwrap_err();
    assert_eq!((error.problem().status, error.class()), (503, ErrorClass::Transient), "{error:?}");
    assert_eq!(postgres.ping().await.unwrap_err().problem().status, 503);
    let cluster = start(&folder.join("data")).await;
    let postgres =
        if cluster.uri("postgres") == uri { postgres } else { connect(&cluster.uri("postgres")) };
    assert_eq!(read(&postgres, "SELECT 1 AS a").await, r#"[{"a":1}]"#);
    cluster.stop().await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_read_on_a_connection_that_died_idle_is_tried_again() {
    let database = test_support::TestDatabase::create().await;
    let postgres = connect(database.uri());
    let tasks = (0..4).map(|_| {
        let postgres = Arc::clone(&postgres);
        tokio::spawn(async move { read(&postgres, "SELECT pg_sleep(0.1)::text AS a").await })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert!(postgres.pool_status().reads.idle > 1);
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE application_name = 'athena' AND datname = current_database()";
    database.run(kill).await;
    assert_eq!(read(&postgres, "SELECT 1 AS a").await, r#"[{"a":1}]"#);
    assert_eq!(postgres.pool_status().reads.idle, 1, "its dead sisters are forgotten");
}

#[tokio::test]
async fn a_write_on_a_lost_connection_is_not_repeated() {
    let database = test_support::TestDatabase::create().await;
    database.run("CREATE TABLE notes (id int)").await;
    let postgres = connect(database.uri());
    let insert = "INSERT INTO notes SELECT 1 FROM pg_sleep(3) RETURNING id";
    let running = tokio::spawn({
        let postgres = Arc::clone(&postgres);
        async move { run(&postgres, writing(insert, &[]), PATIENCE).await.map(drop) }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE application_name = 'athena' AND datname = current_database()";
    database.run(kill).await;
    let error = running.await.unwrap().unwrap_err();
    assert_eq!(error.problem().status, 503);
    assert_eq!(read(&postgres, "SELECT id FROM notes").await, "[]");
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_unavailable() {
    let database = test_support::TestDatabase::create().await;
    let uri = database.uri().replace("/test_", "/no_such_test_");
    let mut out = bytes::BytesMut::new();
    let ran = connect(&uri)
        .execute_rendered(&permit(), reading("SELECT 1 AS a", &[]), PATIENCE, &mut out)
        .await;
    assert_eq!(ran.unwrap_err().problem().status, 503);
}
