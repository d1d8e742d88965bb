//! Statements that callers wrote themselves.

use super::{PATIENCE, Subject};
use auth::Permit;
use backend::{BackendError, ScriptOutcome, ScriptRun};
use bytes::BytesMut;
use query::{Access, sql::Script, statement::RowsWanted};
use serde_json::{Value, json};

async fn run(
    subject: &Subject,
    access: Access,
    text: &str,
    params: &[Value],
) -> Result<(Value, ScriptOutcome), BackendError> {
    let script = Script::parse(text)?;
    let (max_rows, rows) = (3, RowsWanted::Objects);
    let run = ScriptRun { script: &script, params, access, max_rows, rows };
    let mut out = BytesMut::new();
    let outcome = subject.backend.run_script(&Permit::system(), run, PATIENCE, &mut out).await?;
    Ok((super::json(&out), outcome))
}

async fn read(subject: &Subject, text: &str, params: &[Value]) -> (Value, ScriptOutcome) {
    run(subject, Access::ReadOnly, text, params).await.expect("the script succeeds")
}

async fn refusal(subject: &Subject, access: Access, text: &str, params: &[Value]) -> BackendError {
    run(subject, access, text, params).await.expect_err("the script is refused")
}

async fn ids(subject: &Subject) -> Value {
    read(subject, "SELECT id FROM notes ORDER BY id", &[]).await.0
}

pub async fn parameters_are_bound_by_their_types(subject: &Subject) {
    subject.fill(3).await;
    let text = "SELECT id, body FROM notes WHERE id = $2 AND body = $1";
    let (rows, outcome) = read(subject, text, &[json!("note 2"), json!(2)]).await;
    assert_eq!(rows, json!([{"id": 2, "body": "note 2"}]));
    assert_eq!(outcome.columns, ["id", "body"]);
    assert_eq!(outcome.statements[0].word, "SELECT");
    let (rows, _) = read(subject, text, &[Value::Null, json!(2)]).await;
    assert_eq!(rows, json!([]));
    let insert = "INSERT INTO notes (id, body, stars) VALUES ($1, $2, $3)";
    let hostile = "'); DROP TABLE notes; --";
    let params = [json!(7), json!(hostile), Value::Null];
    let (_, outcome) = run(subject, Access::ReadWrite, insert, &params).await.expect("it succeeds");
    assert_eq!(outcome.statements[0].rows_affected, 1);
    let (rows, _) = read(subject, "SELECT body, stars FROM notes WHERE id = 7", &[]).await;
    assert_eq!(rows, json!([{"body": hostile, "stars": null}]));
}

pub async fn the_last_rows_are_the_answer(subject: &Subject) {
    let text = "SELECT 1 AS a; SELECT 2 AS b; INSERT INTO notes (id, body) VALUES (1, 'x')";
    let (rows, outcome) =
        run(subject, Access::ReadWrite, text, &[]).await.expect("the script succeeds");
    assert_eq!(rows, json!([{"b": 2}]));
    assert_eq!(outcome.columns, ["b"]);
    let words: Vec<_> = outcome.statements.iter().map(|one| one.word.as_str()).collect();
    assert_eq!(words, ["SELECT", "SELECT", "INSERT"]);
    assert_eq!(outcome.statements[2].rows_affected, 1);
    let (rows, outcome) =
        run(subject, Access::ReadWrite, "DELETE FROM notes", &[]).await.expect("it succeeds");
    assert_eq!((rows, outcome.columns.len()), (json!([]), 0));
}

pub async fn a_script_is_all_or_nothing(subject: &Subject) {
    let text = "INSERT INTO notes (id, body) VALUES (1, 'x');
                INSERT INTO notes (id, body) VALUES (2, 'x')";
    let error = refusal(subject, Access::ReadWrite, text, &[]).await;
    let problem = error.problem();
    assert_eq!(problem.code, "unique_violation");
    assert_eq!(problem.details["statement"], 1);
    assert_eq!(ids(subject).await, json!([]));
}

pub async fn a_reader_changes_nothing(subject: &Subject) {
    subject.fill(1).await;
    for text in [
        "DELETE FROM notes",
        "SELECT 1; DELETE FROM notes",
        "WITH gone AS (SELECT 1 AS id) DELETE FROM notes WHERE id IN (SELECT id FROM gone)",
        "DROP TABLE notes",
        "COMMIT; DELETE FROM notes",
    ] {
        let problem = refusal(subject, Access::ReadOnly, text, &[]).await.problem();
        assert!(matches!(problem.status, 400 | 403), "{text}: {problem:?}");
        assert_eq!(ids(subject).await, json!([{"id": 1}]), "{text}");
    }
}

pub async fn rows_beyond_the_most_are_left_out(subject: &Subject) {
    subject.fill(5).await;
    let (rows, outcome) = read(subject, "SELECT id FROM notes ORDER BY id", &[]).await;
    assert_eq!(rows, json!([{"id": 1}, {"id": 2}, {"id": 3}]));
    assert!(outcome.truncated);
    assert_eq!(outcome.statements[0].returned, 3);
    let (_, outcome) = read(subject, "SELECT id FROM notes WHERE id <= 3", &[]).await;
    assert!(!outcome.truncated);
    // What is written is written whole, however much of it is shown.
    let text = "UPDATE notes SET stars = 0 RETURNING id";
    let (rows, outcome) =
        run(subject, Access::ReadWrite, text, &[]).await.expect("the script succeeds");
    assert_eq!(rows.as_array().map(Vec::len), Some(3));
    assert_eq!((outcome.truncated, outcome.statements[0].rows_affected), (true, 5));
    let (rows, _) = read(subject, "SELECT count(*) AS n FROM notes WHERE stars = 0", &[]).await;
    assert_eq!(rows, json!([{"n": 5}]));
}

pub async fn columns_are_named_even_without_rows(subject: &Subject) {
    let (rows, outcome) = read(subject, "SELECT id, body AS \"Odd\" FROM notes", &[]).await;
    assert_eq!(rows, json!([]));
    assert_eq!(outcome.columns, ["id", "Odd"]);
}

pub async fn wrong_parameters_are_named(subject: &Subject) {
    let text = "SELECT id FROM notes WHERE id = $1";
    for params in [vec![], vec![json!(1), json!(2)]] {
        let problem = refusal(subject, Access::ReadOnly, text, &params).await.problem();
        assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_parameters"));
    }
    let text = "SELECT 1; SELECT id FROM notes WHERE id = $1";
    let problem = refusal(subject, Access::ReadOnly, text, &[json!(1)]).await.problem();
    assert_eq!(problem.code, "invalid_parameters");
}
