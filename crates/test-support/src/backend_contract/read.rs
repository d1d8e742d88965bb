//! Reading tables and the catalog.

use super::{PATIENCE, Subject};
use auth::Permit;
use backend::{BackendError, ErrorClass, ScriptRun};
use bytes::BytesMut;
use query::{Access, Operation, Plan, sql::Script, statement::RowsWanted};
use serde_json::{Value, json};
use std::time::Duration;

pub async fn the_catalog_has_tables_columns_and_keys(subject: &Subject) {
    let schema = subject.schema().await;
    let notes = schema.table(None, "notes").expect("a bare name is found");
    let columns: Vec<_> = notes.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(columns, ["id", "body", "stars", "done"]);
    assert_eq!(notes.primary_key.iter().map(|key| key.as_str()).collect::<Vec<_>>(), ["id"]);
    assert!(notes.unique_keys.iter().any(|key| key.columns[0].as_str() == "body"));
    assert!(!notes.column("body").expect("a column").nullable);
    assert!(notes.column("stars").expect("a column").nullable);
    let lines = schema.table(None, "lines").expect("a bare name is found");
    assert_eq!(lines.foreign_keys[0].target.name.as_str(), "notes");
}

pub async fn rows_come_back_in_order_and_within_their_window(subject: &Subject) {
    subject.fill(5).await;
    let rows = subject.fetch(json!({
        "table_name": "notes", "columns": ["id", "body", "done"], "limit": 2, "offset": 1,
        "sort_by": {"field": "id", "direction": "desc"}
    }));
    let expected = json!([
        {"id": 4, "body": "note 4", "done": true}, {"id": 3, "body": "note 3", "done": false}
    ]);
    assert_eq!(rows.await, expected);
}

pub async fn every_condition_finds_its_rows(subject: &Subject) {
    subject.fill(4).await;
    subject.insert(json!({"table_name": "notes", "data": {"id": 9, "body": "it's 100%"}})).await;
    for (column, operator, value, expected) in [
        ("id", "eq", json!(2), json!([2])),
        ("id", "neq", json!(2), json!([1, 3, 4, 9])),
        ("id", "gt", json!(3), json!([4, 9])),
        ("id", "lte", json!(1), json!([1])),
        ("id", "in", json!([1, 9, 77]), json!([1, 9])),
        ("id", "in", json!([]), json!([])),
        ("id", "not_in", json!([1, 2]), json!([3, 4, 9])),
        ("body", "eq", json!("it's 100%"), json!([9])),
        ("body", "like", json!("note%"), json!([1, 2, 3, 4])),
        ("body", "like", json!("NOTE%"), json!([])),
        ("body", "ilike", json!("NOTE _"), json!([1, 2, 3, 4])),
        ("stars", "is_null", Value::Null, json!([9])),
        ("stars", "not_null", Value::Null, json!([1, 2, 3, 4])),
        ("done", "eq", json!(true), json!([2, 4])),
        ("done", "is", json!(false), json!([1, 3, 9])),
    ] {
        let rows = subject.fetch(json!({
            "table_name": "notes", "columns": ["id"], "sort_by": {"field": "id"},
            "conditions": [{"column": column, "operator": operator, "value": value}]
        }));
        let rows = rows.await;
        let ids: Vec<_> = rows.as_array().expect("rows").iter().map(|row| &row["id"]).collect();
        assert_eq!(json!(ids), expected, "{column} {operator} {value}");
    }
}

pub async fn a_count_ignores_the_window(subject: &Subject) {
    subject.fill(7).await;
    let body = json!({
        "table_name": "notes", "limit": 1, "count": "exact",
        "conditions": [{"column": "id", "operator": "gt", "value": 2}]
    });
    let request =
        query::request::parse(Operation::Fetch, body.to_string().as_bytes(), &Default::default());
    let plan = Plan::resolve(request.expect("a request"), &subject.schema().await, super::LIMITS);
    let statement = subject.backend.render_count(&plan.expect("a plan")).expect("a statement");
    let statement = statement.expect("a count was asked");
    let count = subject.backend.count(&Permit::system(), &statement, PATIENCE).await;
    assert_eq!(count.expect("the count succeeds"), 5);
}

pub async fn no_rows_are_an_empty_array(subject: &Subject) {
    assert_eq!(subject.fetch(json!({"table_name": "notes"})).await, json!([]));
}

pub async fn a_statement_past_its_deadline_ends_and_the_next_one_runs(subject: &Subject) {
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 - i FROM n) \
                   SELECT count(*) FROM n";
    let script = Script::parse(endless).expect("a script");
    let run = ScriptRun {
        script: &script,
        params: &[],
        access: Access::ReadOnly,
        max_rows: 10,
        rows: RowsWanted::Objects,
    };
    let deadline = Duration::from_millis(300);
    let mut out = BytesMut::new();
    let ran = subject.backend.run_script(&Permit::system(), run, deadline, &mut out).await;
    assert_eq!(ran.expect_err("it never ends").class(), ErrorClass::Timeout);
    assert_eq!(subject.fetch(json!({"table_name": "notes"})).await, json!([]));
}

pub async fn it_answers_a_ping_until_it_is_closed(subject: &Subject) {
    subject.backend.ping().await.expect("it is there");
    subject.backend.close().await;
    let error = subject.backend.ping().await.expect_err("it is closed");
    assert!(matches!(error, BackendError::Closed), "{error:?}");
}
