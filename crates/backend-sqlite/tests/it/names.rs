//! Names that try to be something else, and names that are gone.

use crate::support::{Folder, subject};
use query::Operation;
use serde_json::json;
use std::sync::Arc;
use test_support::backend_contract::Subject;

#[tokio::test]
async fn hostile_names_are_only_names() {
    let subject = subject(
        r#"CREATE TABLE "x""; DROP TABLE y; --" ("a ""b"" 名前" TEXT PRIMARY KEY, "select" INT, "d.e" BOOL);
           CREATE TABLE y (a)"#,
    )
    .await;
    let table = "x\"; DROP TABLE y; --";
    let row = json!({"a \"b\" 名前": "v", "select": 1, "d.e": true});
    let inserted = subject.insert(json!({"table_name": table, "data": row})).await;
    assert_eq!(inserted, json!([row]));
    let conditions = json!([{"column": "d.e", "operator": "is", "value": true}]);
    let body = json!({"table_name": table, "set": {"select": 2}, "conditions": conditions});
    let (rows, _) = subject.run(Operation::Update, body).await.unwrap();
    assert_eq!(rows[0]["select"], 2);
    assert!(subject.schema().await.table(None, "y").is_some());
}

#[tokio::test]
async fn a_column_that_is_gone_is_an_error_and_never_its_own_name() {
    let folder = Folder::with("CREATE TABLE t (id INTEGER PRIMARY KEY, gone TEXT, n INT)").await;
    let subject = Subject { backend: Arc::new(folder.backend("")), keep: Box::new(()) };
    let conditions = json!([{"column": "gone", "operator": "eq", "value": "gone"}]);
    let read = json!({"table_name": "t", "conditions": conditions});
    let statements = [
        subject.statement(Operation::Fetch, &read).await,
        subject.statement(Operation::Fetch, &json!({"table_name": "t", "columns": ["gone"]})).await,
        subject.statement(Operation::Delete, &read).await,
        subject.statement(Operation::Insert, &json!({"table_name": "t", "data": {"n": 1}})).await,
    ];
    let mut other = folder.open().await;
    sqlx::raw_sql("INSERT INTO t VALUES (1, 'x', 1); ALTER TABLE t DROP COLUMN gone")
        .execute(&mut other)
        .await
        .unwrap();
    for statement in statements {
        let mut out = bytes::BytesMut::new();
        let permit = auth::Permit::system();
        let ran = subject.backend.execute(&permit, &statement, crate::support::PATIENCE, &mut out);
        let problem = ran.await.unwrap_err().problem();
        assert_eq!(problem.code, "undefined_column", "{}", statement.text());
    }
    let rows = subject.fetch(json!({"table_name": "t"})).await;
    assert_eq!(rows, json!([{"id": 1, "n": 1}]));
}
