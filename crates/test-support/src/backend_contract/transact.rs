//! Several statements in one transaction.

use super::{PATIENCE, Subject};
use auth::Permit;
use backend::{BackendError, Isolation, TransactionOptions};
use query::Operation;
use serde_json::{Value, json};

async fn transact(
    subject: &Subject,
    steps: &[(Operation, Value)],
    options: TransactionOptions,
) -> Result<Vec<Value>, BackendError> {
    let mut statements = Vec::new();
    for (operation, body) in steps {
        statements.push(subject.statement(*operation, body).await);
    }
    let permit = Permit::system();
    let answers = subject.backend.transact(&permit, statements, options, PATIENCE).await?;
    Ok(answers.iter().map(|(bytes, _)| super::json(bytes)).collect())
}

fn insert(id: i64) -> (Operation, Value) {
    let row = json!({"id": id, "body": format!("note {id}")});
    (Operation::Insert, json!({"table_name": "notes", "data": row, "columns": ["id"]}))
}

fn fetch() -> (Operation, Value) {
    let order = json!({"field": "id"});
    (Operation::Fetch, json!({"table_name": "notes", "columns": ["id"], "sort_by": order}))
}

pub async fn statements_take_effect_together(subject: &Subject) {
    let options = TransactionOptions {
        isolation: Some(Isolation::Serializable),
        ..TransactionOptions::default()
    };
    let answers = transact(subject, &[insert(1), insert(2), fetch()], options).await;
    let both = json!([{"id": 1}, {"id": 2}]);
    let expected = vec![json!([{"id": 1}]), json!([{"id": 2}]), both.clone()];
    assert_eq!(answers.expect("it commits"), expected);
    assert_eq!(subject.fetch(fetch().1).await, both);
}

pub async fn one_refusal_undoes_them_all(subject: &Subject) {
    let steps = [insert(1), insert(2), insert(1)];
    let error = transact(subject, &steps, TransactionOptions::default()).await;
    let problem = error.expect_err("the third is a duplicate").problem();
    assert_eq!(problem.code, "unique_violation");
    assert_eq!(problem.details["statement"], 2);
    assert_eq!(subject.fetch(fetch().1).await, json!([]));
}

pub async fn nothing_is_written_in_a_read_only_transaction(subject: &Subject) {
    let options = TransactionOptions { read_only: true, ..TransactionOptions::default() };
    let error = transact(subject, &[fetch(), insert(1)], options).await;
    assert_eq!(error.expect_err("it may only read").problem().status, 403);
    let answers = transact(subject, &[fetch()], options).await;
    assert_eq!(answers.expect("reading is allowed"), vec![json!([])]);
}
