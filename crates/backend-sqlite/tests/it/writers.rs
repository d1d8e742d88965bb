//! Many writers at once, and writers that are cut off.

use crate::support::{Folder, script, subject};
use auth::Permit;
use backend::BackendError;
use bytes::BytesMut;
use query::{Access, Operation};
use serde_json::json;
use std::{
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

const TABLE: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT NOT NULL)";
const ENDLESS: &str = "INSERT INTO t (n) WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) \
                       SELECT i FROM c";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_writers_at_once_lose_nothing_and_wait_their_turn() {
    let subject = Arc::new(subject(TABLE).await);
    subject.schema().await;
    let writers = (0..20).map(|writer| {
        let subject = Arc::clone(&subject);
        tokio::spawn(async move {
            for n in 0..10 {
                let row = json!({"n": writer * 10 + n});
                subject.insert(json!({"table_name": "t", "data": row, "columns": ["id"]})).await;
                subject.fetch(json!({"table_name": "t", "columns": ["id"], "limit": 5})).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let text = "SELECT count(*) AS n, count(DISTINCT n) AS different FROM t";
    let rows = script(subject.backend.as_ref(), Access::ReadOnly, text, &[]).await.unwrap();
    assert_eq!(rows, json!([{"n": 200, "different": 200}]));
    let pools = subject.backend.pools();
    let writes = pools.iter().find(|pool| pool.name == "writes").unwrap();
    assert_eq!((writes.limit, writes.in_use, writes.idle), (1, 0, 1));
}

#[tokio::test]
async fn a_writer_that_waits_too_long_is_told_so() {
    let subject = subject(TABLE).await;
    let insert = json!({"table_name": "t", "data": {"n": 1}});
    let statement = subject.statement(Operation::Insert, &insert).await;
    let mut out = BytesMut::new();
    let permit = Permit::system();
    let blocking = tokio::time::timeout(
        Duration::from_secs(2),
        script(subject.backend.as_ref(), Access::ReadWrite, ENDLESS, &[]),
    );
    let waiting = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let patience = Duration::from_millis(300);
        subject.backend.execute(&permit, &statement, patience, &mut out).await
    };
    let (blocked, waited) = tokio::join!(blocking, waiting);
    assert!(blocked.is_err(), "it never ends by itself");
    let error = waited.unwrap_err();
    assert!(matches!(error, BackendError::PoolTimeout), "{error:?}");
    assert_eq!(error.problem().status, 503);
    // The one that was dropped is interrupted and undone, and the next one gets its turn.
    let begun = Instant::now();
    subject.insert(insert).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let rows = subject.fetch(json!({"table_name": "t"})).await;
    assert_eq!(rows, json!([{"id": 1, "n": 1}]));
}

/// Named by the environment, this test is the process that is killed.
const VICTIM: &str = "ATHENA_TEST_SQLITE_VICTIM";

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test tells its other half what it is")]
async fn a_process_killed_in_the_middle_of_a_write_leaves_a_whole_file() {
    if let Ok(uri) = std::env::var(VICTIM) {
        let settings = backend_sqlite::SqliteSettings::parse(&uri).unwrap();
        let backend = backend_sqlite::Sqlite::connect(&settings);
        let _killed = script(&backend, Access::ReadWrite, ENDLESS, &[]).await;
        return;
    }
    let folder = Folder::with(TABLE).await;
    let subject = test_support::backend_contract::Subject {
        backend: Arc::new(folder.backend("")),
        keep: Box::new(()),
    };
    subject.insert(json!({"table_name": "t", "data": {"n": 1}})).await;
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writers::a_process_killed_in_the_middle_of_a_write_leaves_a_whole_file"])
        .env(VICTIM, folder.uri(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Wait until the write has spilled into the journal, so that there is something to undo.
    let journal = folder.file().with_file_name("shop.db-wal");
    let begun = Instant::now();
    while std::fs::metadata(&journal).map_or(0, |file| file.len()) < 1 << 20 {
        assert!(begun.elapsed() < Duration::from_secs(30), "the write never began");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    victim.kill().unwrap();
    victim.wait().unwrap();
    subject.insert(json!({"table_name": "t", "data": {"n": 2}})).await;
    let rows = subject.fetch(json!({"table_name": "t", "columns": ["n"]})).await;
    assert_eq!(rows, json!([{"n": 1}, {"n": 2}]));
    let mut other = folder.open().await;
    let check: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut other).await.unwrap();
    assert_eq!(check, "ok");
}
