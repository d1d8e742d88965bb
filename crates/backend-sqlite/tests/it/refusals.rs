//! What the file refuses, in the words callers hear from every database.

use crate::support::{refusal, script, subject};
use query::{Access, Operation};
use serde_json::json;

const TABLES: &str = "
    CREATE TABLE people (
        id INTEGER PRIMARY KEY, first TEXT NOT NULL, last TEXT, age INT CONSTRAINT grown CHECK (age > 17),
        UNIQUE (first, last)
    );
    CREATE TABLE pets (id INTEGER PRIMARY KEY, owner INT REFERENCES people (id));
    CREATE TABLE strict (n INT) STRICT;
    CREATE UNIQUE INDEX by_lower ON people (lower(last)) WHERE id > 1;
    CREATE TRIGGER full BEFORE INSERT ON pets WHEN new.id > 99 BEGIN SELECT RAISE(ABORT, 'full'); END;
    CREATE VIEW names AS SELECT first FROM people;
    INSERT INTO people VALUES (1, 'Ada', 'Lovelace', 36), (2, 'Grace', 'Hopper', 40);
    INSERT INTO pets VALUES (1, 1);
";

#[tokio::test]
async fn each_broken_rule_names_its_columns() {
    let subject = subject(TABLES).await;
    let person = |extra: serde_json::Value| {
        let mut row = json!({"first": "A", "last": "B"});
        row.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        row
    };
    for (table, row, status, code, fields) in [
        (
            "people",
            json!({"first": "Ada", "last": "Lovelace"}),
            409,
            "unique_violation",
            vec!["first", "last"],
        ),
        ("people", person(json!({"id": 1})), 409, "unique_violation", vec!["id"]),
        ("people", person(json!({"last": "HOPPER"})), 409, "unique_violation", vec![]),
        ("people", person(json!({"first": null})), 400, "not_null_violation", vec!["first"]),
        ("people", person(json!({"age": 3})), 400, "check_constraint_violation", vec![]),
        ("pets", json!({"owner": 7}), 422, "foreign_key_violation", vec![]),
        ("pets", json!({"id": 100}), 400, "raised_exception", vec![]),
        ("names", json!({"first": "x"}), 400, "not_updatable", vec![]),
    ] {
        let error =
            refusal(&subject, Operation::Insert, json!({"table_name": table, "data": row})).await;
        let problem = error.problem_for(Operation::Insert);
        assert_eq!((problem.status, problem.code.as_str()), (status, code), "{row}");
        let named: Vec<_> = problem.fields.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(named, fields, "{problem:?}");
    }
    let delete = json!({"table_name": "people", "resource_id": 1});
    let problem = refusal(&subject, Operation::Delete, delete).await.problem();
    assert_eq!((problem.status, problem.code.as_str()), (409, "foreign_key_violation"));
    assert!(problem.message.contains("still refer"), "{problem:?}");
    let upsert = json!({"table_name": "people", "data": {"first": "x"}, "on_conflict": "age"});
    let problem = refusal(&subject, Operation::Insert, upsert).await.problem();
    assert_eq!(problem.code, "no_matching_constraint");
}

#[tokio::test]
async fn callers_own_sql_is_refused_in_the_same_words() {
    let subject = subject(TABLES).await;
    for (text, status, code) in [
        ("SELECT * FROM nowhere", 400, "undefined_table"),
        ("SELECT absent FROM people", 400, "undefined_column"),
        ("SELECT absent(1)", 400, "undefined_function"),
        ("SELECT FROM people", 400, "syntax_error"),
        ("SELECT json('{')", 400, "invalid_input"),
        ("INSERT INTO strict VALUES ('x')", 400, "invalid_input"),
        ("INSERT INTO people (id, first) VALUES ('x', 'y')", 400, "invalid_input"),
        ("CREATE TABLE pets (a)", 409, "duplicate_object"),
        ("UPDATE names SET first = 'x'", 400, "not_updatable"),
    ] {
        let ran = script(subject.backend.as_ref(), Access::ReadWrite, text, &[]).await;
        let problem = ran.unwrap_err().problem();
        assert_eq!((problem.status, problem.code.as_str()), (status, code), "{text}");
        assert!(!format!("{problem:?}").contains("full"));
    }
}
