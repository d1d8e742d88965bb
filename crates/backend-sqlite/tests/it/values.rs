//! Values of every kind, in and out again.

use crate::support::{Folder, script, subject};
use query::{Access, Operation};
use serde_json::{Value, json};
use std::sync::Arc;
use test_support::backend_contract::Subject;

const TABLE: &str = "CREATE TABLE t (
    id INTEGER PRIMARY KEY, n INT, ratio REAL, price DECIMAL(20, 6), ok BOOLEAN, token UUID,
    name TEXT, day DATE, at DATETIME, seen TIMESTAMPTZ, hour TIME, doc JSON, raw BLOB, loose
)";

async fn round_trip(subject: &Subject, column: &str, value: &Value) -> Value {
    let body = json!({"table_name": "t", "data": {column: value}, "columns": [column]});
    let inserted = subject.insert(body).await[0][column].clone();
    let rows = json!({"table_name": "t", "columns": [column], "limit": 1,
        "sort_by": {"field": "id", "direction": "desc"}});
    let read = subject.fetch(rows).await[0][column].clone();
    assert_eq!(inserted, read, "what RETURNING answers and what SELECT answers differ");
    read
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_was_given() {
    let subject = subject(TABLE).await;
    let uuid = "6f1e0f0e-0000-4000-8000-00000000beef";
    for (column, given, expected) in [
        ("n", json!(i64::MAX), json!(i64::MAX)),
        ("n", json!(i64::MIN), json!(i64::MIN)),
        ("ratio", json!(0.1), json!(0.1)),
        ("ratio", json!("Infinity"), json!("Infinity")),
        ("price", json!("123456789.012345"), json!(123_456_789.012_345)),
        ("price", json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_993_i64)),
        ("ok", json!(true), json!(true)),
        ("ok", json!("off"), json!(false)),
        ("token", json!(uuid.to_uppercase()), json!(uuid)),
        ("name", json!("it's; \" \\ \u{1} 名前 🦀"), json!("it's; \" \\ \u{1} 名前 🦀")),
        ("name", json!("007"), json!("007")),
        ("day", json!("2024-02-29"), json!("2024-02-29")),
        ("at", json!("2024-01-31T09:30:00.25Z"), json!("2024-01-31T09:30:00.25")),
        ("seen", json!("2024-01-31T09:30:00+02:00"), json!("2024-01-31T07:30:00+00:00")),
        ("seen", json!(1_700_000_000), json!(1_700_000_000)),
        ("hour", json!("09:30"), json!("09:30:00")),
        ("doc", json!({"b": [1.5, null, {"a": "x"}]}), json!({"b": [1.5, null, {"a": "x"}]})),
        ("doc", json!("text"), json!("text")),
        ("doc", json!(false), json!(false)),
        ("doc", json!([]), json!([])),
        ("raw", json!("\\x00ff10"), json!("\\x00ff10")),
        ("raw", json!("\\x"), json!("\\x")),
        ("loose", json!(5), json!(5)),
        ("loose", json!("5"), json!("5")),
        ("loose", json!(1.5), json!(1.5)),
        ("name", Value::Null, Value::Null),
    ] {
        assert_eq!(round_trip(&subject, column, &given).await, expected, "{column} {given}");
    }
    let found = json!([{"column": "at", "operator": "eq", "value": "2024-01-31 09:30:00.25"}]);
    let rows = subject.fetch(json!({"table_name": "t", "columns": ["at"], "conditions": found}));
    assert_eq!(rows.await, json!([{"at": "2024-01-31T09:30:00.25"}]));
}

#[tokio::test]
async fn what_another_program_left_in_a_column_is_answered_as_it_is() {
    let folder = Folder::with(TABLE).await;
    let mut other = folder.open().await;
    sqlx::raw_sql(
        "INSERT INTO t (id, n, ok, day, at, doc, name, raw) VALUES
            (1, 'many', 2, 45000, 'soon', '{broken', x'80ff', 'text'),
            (2, x'01', 'yes', NULL, '2024-01-31', x'01', CAST(x'610062' AS TEXT), NULL)",
    )
    .execute(&mut other)
    .await
    .unwrap();
    let subject = Subject { backend: Arc::new(folder.backend("")), keep: Box::new(()) };
    let columns = json!(["n", "ok", "day", "at", "doc", "name", "raw"]);
    let rows = subject
        .fetch(json!({"table_name": "t", "columns": columns, "sort_by": {"field": "id"}}))
        .await;
    let first = json!({"n": "many", "ok": 2, "day": 45000, "at": "soon", "doc": "{broken",
        "name": "\\x80ff", "raw": "text"});
    let second = json!({"n": "\\x01", "ok": "yes", "day": null, "at": "2024-01-31",
        "doc": "\\x01", "name": "a\u{0}b", "raw": null});
    assert_eq!(rows, json!([first, second]));
}

#[tokio::test]
async fn null_members_are_left_out_when_asked() {
    let subject = subject(TABLE).await;
    let row = json!({"id": 1, "doc": {"a": null, "b": [null]}});
    subject.insert(json!({"table_name": "t", "data": row})).await;
    let rows = subject.fetch(json!({"table_name": "t", "strip_nulls": true})).await;
    assert_eq!(rows, json!([{"id": 1, "doc": {"b": [null]}}]));
}

#[tokio::test]
async fn large_bytes_survive_and_too_large_an_answer_is_refused() {
    let folder = Folder::with(TABLE).await;
    let mut settings = backend_sqlite::SqliteSettings::parse(&folder.uri("")).unwrap();
    settings.max_result_bytes = 10 << 20;
    let backend = Arc::new(backend_sqlite::Sqlite::connect(&settings));
    let subject = Subject { backend, keep: Box::new(folder) };
    let bytes = format!("\\x{}", "5a".repeat(2 << 20));
    let row = json!({"id": 1, "raw": bytes});
    let rows = subject.insert(json!({"table_name": "t", "columns": ["raw"], "data": row})).await;
    assert!(rows[0]["raw"] == json!(bytes), "the bytes changed");
    let text = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 8) \
                SELECT raw FROM t, n";
    let read = script(subject.backend.as_ref(), Access::ReadOnly, text, &[]).await;
    assert_eq!(read.unwrap_err().problem().code, "response_too_large");
    // A change whose answer is too large is none.
    let many: Vec<_> = (2..=4).map(|id| json!({"id": id, "raw": bytes})).collect();
    let error = subject.run(Operation::Insert, json!({"table_name": "t", "data": many})).await;
    assert_eq!(error.unwrap_err().problem().code, "response_too_large");
    let rows = subject.fetch(json!({"table_name": "t", "columns": ["id"]})).await;
    assert_eq!(rows, json!([{"id": 1}]));
}

#[tokio::test]
async fn rows_with_other_columns_get_their_defaults() {
    let subject = subject(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT NOT NULL DEFAULT 7, name TEXT DEFAULT 'it''s',
            ok BOOL DEFAULT TRUE, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)",
    )
    .await;
    let rows = json!([{"id": 4, "n": 1, "name": "x", "ok": false, "at": null}, {}]);
    let columns = json!(["id", "n", "name", "ok"]);
    let rows = subject.insert(json!({"table_name": "t", "data": rows, "columns": columns})).await;
    let default = json!({"id": 5, "n": 7, "name": "it's", "ok": true});
    assert_eq!(rows, json!([{"id": 4, "n": 1, "name": "x", "ok": false}, default]));
    let at = subject.fetch(json!({"table_name": "t", "columns": ["at"], "limit": 1, "offset": 1}));
    assert_eq!(at.await[0]["at"].as_str().map(str::len), Some("2024-01-31T09:30:00".len()));
}

#[tokio::test]
async fn nulls_are_ordered_as_on_postgresql() {
    let subject = subject("CREATE TABLE t (id INTEGER PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 5), (2, NULL), (3, 9)").await;
    for (order, expected) in [
        (json!({"field": "n"}), json!([1, 3, 2])),
        (json!({"field": "n", "direction": "desc"}), json!([2, 3, 1])),
        (json!({"field": "n", "nulls": "first"}), json!([2, 1, 3])),
        (json!({"field": "n", "direction": "desc", "nulls": "last"}), json!([3, 1, 2])),
    ] {
        let rows = subject.fetch(json!({"table_name": "t", "sort_by": order})).await;
        let ids: Vec<_> = rows.as_array().unwrap().iter().map(|row| &row["id"]).collect();
        assert_eq!(json!(ids), expected, "{order}");
    }
}

#[tokio::test]
async fn patterns_mind_case_or_not_and_know_their_escapes() {
    let subject = subject(
        r"CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
          INSERT INTO t VALUES (1, 'Note 1'), (2, '100%'), (3, 'a*b?[c]'), (4, 'x_y'), (5, 'back\slash'), (6, 'É')",
    )
    .await;
    for (operator, pattern, expected) in [
        ("like", "Note%", json!([1])),
        ("like", "note%", json!([])),
        ("ilike", "nOTE _", json!([1])),
        ("like", r"100\%", json!([2])),
        ("ilike", r"100\%", json!([2])),
        ("like", "a*b?[c]", json!([3])),
        ("like", "a*_?[%", json!([3])),
        ("like", "*", json!([])),
        ("like", r"x\_y", json!([4])),
        ("like", "x_y", json!([4])),
        ("ilike", r"%\\SLASH", json!([5])),
        ("like", r"back\\%", json!([5])),
        ("like", "_", json!([6])),
        ("ilike", "é", json!([])),
    ] {
        let conditions = json!([{"column": "name", "operator": operator, "value": pattern}]);
        let body = json!({"table_name": "t", "columns": ["id"], "conditions": conditions});
        let rows = subject.fetch(body).await;
        let ids: Vec<_> = rows.as_array().unwrap().iter().map(|row| &row["id"]).collect();
        assert_eq!(json!(ids), expected, "{operator} {pattern}");
    }
}
