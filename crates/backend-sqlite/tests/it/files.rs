//! Files that are absent, damaged, locked or for reading only.

use crate::support::{Folder, PATIENCE, script};
use auth::Permit;
use backend::{Backend, BackendError, ErrorClass};
use bytes::BytesMut;
use query::{Access, Operation};
use serde_json::json;
use sqlx::Executor;
use std::{sync::Arc, time::Duration};
use test_support::backend_contract::Subject;

const TABLE: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)";

#[tokio::test]
async fn an_absent_file_is_an_error_unless_it_may_be_made() {
    let folder = Folder::new();
    for options in ["", "?mode=rw", "?mode=ro"] {
        let error = folder.backend(options).introspect().await.unwrap_err();
        assert!(matches!(error, BackendError::Unreachable { .. }), "{options}: {error:?}");
        assert_eq!(error.problem().status, 503);
        assert!(!folder.file().exists());
    }
    let backend = folder.backend("?mode=rwc");
    assert_eq!(backend.introspect().await.unwrap().tables().count(), 0);
    script(&backend, Access::ReadWrite, TABLE, &[]).await.unwrap();
    assert_eq!(backend.introspect().await.unwrap().tables().count(), 1);
}

#[tokio::test]
async fn a_file_for_reading_refuses_every_write() {
    let folder = Folder::with(TABLE).await;
    let subject = Subject { backend: Arc::new(folder.backend("?mode=ro")), keep: Box::new(()) };
    assert_eq!(subject.fetch(json!({"table_name": "t"})).await, json!([]));
    let row = json!({"table_name": "t", "data": {"name": "x"}});
    let problem = subject.run(Operation::Insert, row).await.unwrap_err().problem();
    assert_eq!((problem.status, problem.code.as_str()), (403, "read_only_transaction"));
    let ran = script(subject.backend.as_ref(), Access::ReadWrite, "DROP TABLE t", &[]).await;
    assert_eq!(ran.unwrap_err().problem().status, 403);
}

#[tokio::test]
async fn what_is_no_database_is_said_clearly() {
    let folder = Folder::new();
    std::fs::write(folder.file(), "not a database, but long enough to have a header".repeat(90))
        .unwrap();
    for options in ["", "?mode=ro"] {
        let problem = folder.backend(options).introspect().await.unwrap_err().problem();
        assert_eq!((problem.status, problem.code.as_str()), (503, "database_damaged"));
    }
}

#[tokio::test]
async fn another_programs_lock_is_waited_for_and_then_named() {
    let folder = Folder::with(TABLE).await;
    let mut settings = backend_sqlite::SqliteSettings::parse(&folder.uri("")).unwrap();
    settings.busy_timeout = Duration::from_millis(400);
    let backend = Arc::new(backend_sqlite::Sqlite::connect(&settings));
    let subject = Subject { backend, keep: Box::new(()) };
    subject.schema().await;
    let mut other = folder.open().await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let row = |name: &str| json!({"table_name": "t", "data": {"name": name}, "columns": ["name"]});
    let error = subject.run(Operation::Insert, row("refused")).await.unwrap_err();
    assert_eq!(error.problem().code, "lock_not_available");
    assert_eq!((error.problem().status, error.class()), (503, ErrorClass::Transient));
    // Readers do not wait for a writer.
    assert_eq!(subject.fetch(json!({"table_name": "t"})).await, json!([]));
    let waiting = subject.run(Operation::Insert, row("patient"));
    let commit = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        other.execute("COMMIT").await
    };
    let (ran, committed) = tokio::join!(waiting, commit);
    committed.unwrap();
    assert_eq!(ran.unwrap().0, json!([{"name": "patient"}]));
}

#[tokio::test]
async fn a_file_put_in_the_others_place_is_noticed() {
    let folder = Folder::with(TABLE).await;
    let backend = folder.backend("");
    backend.introspect().await.unwrap();
    backend.ping().await.unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let mut name = folder.file().into_os_string();
        name.push(suffix);
        let _may_be_absent = std::fs::remove_file(name);
    }
    let error = backend.ping().await.unwrap_err();
    assert!(matches!(error, BackendError::Unreachable { .. }), "{error:?}");
    let mut other = folder.open().await;
    sqlx::raw_sql("CREATE TABLE fresh (a); CREATE TABLE second (b)")
        .execute(&mut other)
        .await
        .unwrap();
    backend.ping().await.unwrap();
    assert_eq!(backend.introspect().await.unwrap().tables().count(), 2);
}

#[tokio::test]
async fn a_closed_backend_runs_nothing() {
    let folder = Folder::with(TABLE).await;
    let subject = Subject { backend: Arc::new(folder.backend("")), keep: Box::new(()) };
    let statement = subject.statement(Operation::Fetch, &json!({"table_name": "t"})).await;
    subject.insert(json!({"table_name": "t", "data": {"name": "x"}})).await;
    subject.backend.close().await;
    let mut out = BytesMut::new();
    let ran = subject.backend.execute(&Permit::system(), &statement, PATIENCE, &mut out).await;
    assert!(matches!(ran, Err(BackendError::Closed)));
    // The journal is folded into the file, which is whole by itself.
    let journal = std::fs::metadata(folder.file().with_file_name("shop.db-wal"));
    assert_eq!(journal.map_or(0, |file| file.len()), 0);
}
