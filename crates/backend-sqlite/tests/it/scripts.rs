//! Callers' own SQL stays in its file, and in its rights.

use crate::support::{Folder, PATIENCE, script};
use auth::Permit;
use backend::{Backend, RowFormat};
use futures_util::StreamExt;
use query::{Access, Statement, sql::Script};
use serde_json::json;

const TABLE: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, doc JSON, ok BOOL);
    INSERT INTO t VALUES (1, '{\"a\": 1}', 1)";

#[tokio::test]
async fn no_other_file_is_opened_and_no_setting_changed() {
    let folder = Folder::with(TABLE).await;
    let backend = folder.backend("");
    let beside = folder.file().with_file_name("beside.db");
    for text in [
        format!("ATTACH '{}' AS other", beside.display()),
        format!("VACUUM INTO '{}'", beside.display()),
        "DETACH main".to_owned(),
        "PRAGMA query_only = OFF".to_owned(),
        "SELECT load_extension('libm.so.6')".to_owned(),
        "SELECT writefile('x', 'y')".to_owned(),
        "SELECT readfile('/etc/passwd')".to_owned(),
        "SELECT $a$ ; DELETE FROM t; SELECT $a$".to_owned(),
        "SELECT e'\\'; DELETE FROM t; --'".to_owned(),
    ] {
        for access in [Access::ReadOnly, Access::ReadWrite] {
            let problem = script(&backend, access, &text, &[]).await.unwrap_err().problem();
            assert!(matches!(problem.status, 400 | 403), "{text}: {problem:?}");
        }
    }
    assert!(!beside.exists());
    let rows = script(&backend, Access::ReadOnly, "SELECT count(*) AS n FROM t", &[]).await;
    assert_eq!(rows.unwrap(), json!([{"n": 1}]));
}

#[tokio::test]
async fn declared_types_are_known_in_callers_own_sql() {
    let folder = Folder::with(TABLE).await;
    let backend = folder.backend("");
    backend.introspect().await.unwrap();
    let text =
        "SELECT x.doc AS d, ok, ok + 0 AS plain, doc ->> 'a' AS a, 1 AS a FROM t AS x WHERE id = ?";
    let rows = script(&backend, Access::ReadOnly, text, &[json!(1)]).await.unwrap();
    assert_eq!(rows, json!([{"d": {"a": 1}, "ok": true, "plain": 1, "a": 1, "a_2": 1}]));
    let rows =
        script(&backend, Access::ReadWrite, "UPDATE t SET ok = 0 RETURNING ok, doc", &[]).await;
    assert_eq!(rows.unwrap(), json!([{"ok": false, "doc": {"a": 1}}]));
    let info = "SELECT name FROM pragma_table_info('t') WHERE pk";
    let rows = script(&backend, Access::ReadOnly, info, &[]).await.unwrap();
    assert_eq!(rows, json!([{"name": "id"}]));
}

#[tokio::test]
async fn a_temporary_table_does_not_outlive_its_script() {
    let folder = Folder::with(TABLE).await;
    let backend = folder.backend("");
    let text = "CREATE TEMP TABLE t (id); INSERT INTO t VALUES (7); SELECT id FROM t";
    let rows = script(&backend, Access::ReadWrite, text, &[]).await.unwrap();
    assert_eq!(rows, json!([{"id": 7}]));
    let rows = script(&backend, Access::ReadWrite, "SELECT id FROM t", &[]).await.unwrap();
    assert_eq!(rows, json!([{"id": 1}]));
    let problem =
        script(&backend, Access::ReadOnly, "WITH x AS (SELECT 1) INSERT INTO t (id) SELECT 9", &[]);
    assert_eq!(problem.await.unwrap_err().problem().status, 403);
}

#[tokio::test]
async fn a_streamed_query_of_a_caller_is_one_statement_and_reads() {
    let folder = Folder::with(TABLE).await;
    let backend = folder.backend("");
    backend.introspect().await.unwrap();
    for (text, expected) in [
        ("SELECT id, ok FROM t", Ok("{\"id\":1,\"ok\":true}\n")),
        ("SELECT $a$ ; ATTACH ':memory:' AS o; SELECT $a$", Err(400)),
        ("SELECT id FROM t WHERE id = $1", Err(400)),
        ("SELECT absent FROM t", Err(400)),
    ] {
        let parsed = Script::parse(text).unwrap();
        let statement = Statement::plain_read(parsed.single().unwrap(), false).unwrap();
        let mut chunks = backend.stream(&Permit::system(), statement, RowFormat::Lines, PATIENCE);
        let first = chunks.next().await.unwrap();
        let found = first.map_err(|error| error.problem().status);
        assert_eq!(found, expected.map(Into::into), "{text}");
    }
    let attached =
        script(&backend, Access::ReadOnly, "SELECT count(*) AS n FROM pragma_database_list", &[]);
    assert_eq!(attached.await.unwrap(), json!([{"n": 1}]));
}
