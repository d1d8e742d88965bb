//! Rows as they come.

use super::{PATIENCE, Subject};
use auth::Permit;
use backend::{BackendError, RowFormat};
use bytes::BytesMut;
use futures_util::StreamExt;
use query::{Operation, Statement};
use serde_json::{Value, json};

async fn ordered(subject: &Subject) -> Statement {
    let body = json!({"table_name": "notes", "limit": 100_000, "sort_by": {"field": "id"}});
    subject.statement(Operation::Fetch, &body).await
}

async fn all(subject: &Subject, format: RowFormat) -> Vec<u8> {
    let statement = ordered(subject).await;
    let mut chunks = subject.backend.stream(&Permit::system(), statement, format, PATIENCE);
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(&chunk.expect("the stream goes on"));
    }
    bytes
}

pub async fn a_stream_has_the_same_rows_as_an_answer(subject: &Subject) {
    assert_eq!(all(subject, RowFormat::Array).await, b"[]");
    subject.fill(3_000).await;
    let mut out = BytesMut::new();
    let statement = ordered(subject).await;
    let ran = subject.backend.execute(&Permit::system(), &statement, PATIENCE, &mut out).await;
    ran.expect("the read succeeds");
    assert!(all(subject, RowFormat::Array).await == out, "the bytes are not the same");
}

pub async fn lines_are_one_object_each(subject: &Subject) {
    assert_eq!(all(subject, RowFormat::Lines).await, b"");
    subject.fill(2_000).await;
    let bytes = all(subject, RowFormat::Lines).await;
    let text = std::str::from_utf8(&bytes).expect("JSON is UTF-8");
    assert!(text.ends_with('\n'));
    for (at, line) in text.lines().enumerate() {
        let row: Value = serde_json::from_str(line).expect("a line is JSON");
        assert_eq!(row["id"], at + 1);
    }
    assert_eq!(text.lines().count(), 2_000);
}

pub async fn a_refusal_is_the_first_item(subject: &Subject) {
    subject.fill(1).await;
    let body = json!({"table_name": "notes", "data": {"id": 1, "body": "again"}});
    let statement = subject.statement(Operation::Insert, &body).await;
    let permit = Permit::system();
    let mut chunks = subject.backend.stream(&permit, statement, RowFormat::Array, PATIENCE);
    let first = chunks.next().await.expect("an item");
    assert_eq!(first.expect_err("a duplicate").problem().code, "unique_violation");
    assert!(chunks.next().await.is_none());
}

pub async fn a_dropped_stream_frees_its_place(subject: &Subject) {
    subject.fill(20_000).await;
    let statement = ordered(subject).await;
    // More than any pool has connections.
    for _ in 0..40 {
        let permit = Permit::system();
        let mut chunks =
            subject.backend.stream(&permit, statement.clone(), RowFormat::Lines, PATIENCE);
        let first: Result<_, BackendError> = chunks.next().await.expect("a first piece");
        assert!(first.expect("the stream begins").starts_with(b"{\"id\":1,"));
    }
    let rows = subject.fetch(json!({"table_name": "notes", "columns": ["id"], "limit": 1}));
    assert_eq!(rows.await.as_array().map(Vec::len), Some(1));
}
