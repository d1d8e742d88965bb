//! Writing.

use super::Subject;
use query::Operation;
use serde_json::{Value, json};

pub async fn what_is_written_comes_back(subject: &Subject) {
    let body = json!({"table_name": "notes", "data": [
        {"id": 1, "body": "it's; -- \"odd\" 名前\n"}, {"id": 2, "body": "", "stars": 3, "done": true}
    ]});
    let (rows, outcome) = subject.run(Operation::Insert, body).await.expect("the insert succeeds");
    let expected = json!([
        {"id": 1, "body": "it's; -- \"odd\" 名前\n", "stars": null, "done": false},
        {"id": 2, "body": "", "stars": 3, "done": true}
    ]);
    assert_eq!(rows, expected);
    assert_eq!((outcome.returned, outcome.affected), (2, 2));
    let again = subject.fetch(json!({"table_name": "notes", "sort_by": {"field": "id"}})).await;
    assert_eq!(again, expected);
}

pub async fn an_upsert_keeps_or_replaces(subject: &Subject) {
    subject.fill(1).await;
    let upsert = |row: Value| json!({"table_name": "notes", "data": row, "on_conflict": "id", "columns": ["id", "stars"]});
    let row = json!({"id": 1, "body": "note 1", "stars": 9});
    let rows = subject.insert(upsert(row)).await;
    assert_eq!(rows, json!([{"id": 1, "stars": 9}]));
    let rows = subject.insert(upsert(json!({"id": 2, "body": "new", "stars": 2}))).await;
    assert_eq!(rows, json!([{"id": 2, "stars": 2}]));
}

pub async fn updates_and_deletes_say_what_they_touched(subject: &Subject) {
    subject.fill(4).await;
    let of = |from: i64| json!([{"column": "id", "operator": "gte", "value": from}]);
    let body = json!({
        "table_name": "notes", "set": {"stars": null}, "conditions": of(3), "columns": ["stars"]
    });
    let (rows, outcome) = subject.run(Operation::Update, body).await.expect("it succeeds");
    assert_eq!(rows, json!([{"stars": null}, {"stars": null}]));
    assert_eq!((outcome.returned, outcome.affected), (2, 2));
    let body = json!({"table_name": "notes", "conditions": of(2), "columns": ["id"]});
    let (_, outcome) = subject.run(Operation::Delete, body).await.expect("it succeeds");
    assert_eq!(outcome.affected, 3);
    let body = json!({"table_name": "notes", "conditions": of(2), "columns": ["id"]});
    let (rows, outcome) = subject.run(Operation::Delete, body).await.expect("it succeeds");
    assert_eq!((rows, outcome.affected), (json!([]), 0));
}

pub async fn a_bounded_change_touches_the_first_rows_alone(subject: &Subject) {
    subject.fill(6).await;
    let even = json!([{"eq_column": "done", "eq_value": true}]);
    let body = json!({
        "table_name": "notes", "set": {"stars": 0}, "conditions": even, "columns": ["id", "stars"],
        "sort_by": {"field": "stars", "direction": "desc"}, "limit": 1, "offset": 1,
    });
    let (rows, outcome) = subject.run(Operation::Update, body).await.expect("it succeeds");
    assert_eq!((rows, outcome.affected), (json!([{"id": 4, "stars": 0}]), 1));
    let body = json!({"table_name": "notes", "conditions": even, "columns": ["id"], "limit": 2});
    let (_, outcome) = subject.run(Operation::Delete, body).await.expect("it succeeds");
    assert_eq!(outcome.affected, 2);
    let left = json!({"table_name": "notes", "columns": ["id"], "sort_by": {"field": "id"}});
    assert_eq!(subject.fetch(left).await, json!([{"id": 1}, {"id": 3}, {"id": 5}, {"id": 6}]));
    let body = json!({"table_name": "notes", "conditions": even, "columns": ["id"], "offset": 1});
    let (rows, outcome) = subject.run(Operation::Delete, body).await.expect("it succeeds");
    assert_eq!((rows, outcome.affected), (json!([]), 0));
}

pub async fn what_breaks_a_rule_is_refused_by_its_kind(subject: &Subject) {
    subject.fill(1).await;
    for (table, row, status, code) in [
        ("notes", json!({"id": 1, "body": "x"}), 409, "unique_violation"),
        ("notes", json!({"id": 2, "body": "note 1"}), 409, "unique_violation"),
        ("notes", json!({"id": 2, "body": null}), 400, "not_null_violation"),
        ("notes", json!({"id": 2, "body": "x", "stars": -1}), 400, "check_constraint_violation"),
        ("lines", json!({"id": 1, "note_id": 77}), 409, "foreign_key_violation"),
    ] {
        let body = json!({"table_name": table, "data": row});
        let error = subject.run(Operation::Insert, body).await.expect_err("a rule is broken");
        let problem = error.problem();
        assert_eq!((problem.status, problem.code.as_str()), (status, code), "{row}");
    }
    subject.insert(json!({"table_name": "lines", "data": {"id": 1, "note_id": 1}})).await;
    let body = json!({"table_name": "notes", "resource_id": 1});
    let error = subject.run(Operation::Delete, body).await.expect_err("it is in use");
    assert_eq!(error.problem().code, "foreign_key_violation");
    let rows = subject.fetch(json!({"table_name": "notes", "columns": ["id"]})).await;
    assert_eq!(rows, json!([{"id": 1}]));
}
