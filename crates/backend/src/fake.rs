//! A backend that answers from memory, for tests of everything above this layer.

use crate::{Backend, BackendError, Capabilities, Outcome};
use async_trait::async_trait;
use auth::Permit;
use bytes::BytesMut;
use catalog::SchemaCache;
use query::{Plan, RenderError, Statement};
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// One prepared answer.
#[derive(Debug)]
pub enum FakeAnswer {
    /// A JSON array as text and what goes with it.
    Rows {
        json: String,
        outcome: Outcome,
    },
    Fail(BackendError),
    /// Never comes; the deadline passes instead.
    Hang,
}

/// Answers in the order they were queued, and remembers what it was asked.
#[derive(Debug, Default)]
pub struct FakeBackend {
    schema: SchemaCache,
    answers: Mutex<VecDeque<FakeAnswer>>,
    counts: Mutex<VecDeque<u64>>,
    seen: Mutex<Vec<Statement>>,
}

impl FakeBackend {
    pub fn new(schema: SchemaCache) -> Self {
        Self { schema, ..Self::default() }
    }

    /// Queue an answer; with none queued, a statement finds no rows.
    pub fn answer(&self, answer: FakeAnswer) {
        lock(&self.answers).push_back(answer);
    }

    /// Queue the result of a count.
    pub fn answer_count(&self, count: u64) {
        lock(&self.counts).push_back(count);
    }

    /// Every statement executed so far.
    pub fn seen(&self) -> Vec<Statement> {
        lock(&self.seen).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Backend for FakeBackend {
    fn capabilities(&self) -> Capabilities {
        Capabilities { transactions: true, offset: true, exact_count: true, joins: true }
    }

    fn render(&self, plan: &Plan) -> Result<Statement, RenderError> {
        Statement::postgres(plan)
    }

    fn render_count(&self, plan: &Plan) -> Result<Option<Statement>, RenderError> {
        Statement::postgres_count(plan)
    }

    async fn execute(
        &self,
        _permit: &Permit,
        statement: &Statement,
        deadline: Duration,
        out: &mut BytesMut,
    ) -> Result<Outcome, BackendError> {
        lock(&self.seen).push(statement.clone());
        let answer = lock(&self.answers).pop_front();
        match answer {
            Some(FakeAnswer::Rows { json, outcome }) => {
                out.extend_from_slice(json.as_bytes());
                Ok(outcome)
            }
            Some(FakeAnswer::Fail(error)) => Err(error),
            Some(FakeAnswer::Hang) => {
                tokio::time::sleep(deadline).await;
                Err(BackendError::Timeout)
            }
            None => {
                out.extend_from_slice(b"[]");
                Ok(Outcome::default())
            }
        }
    }

    async fn count(
        &self,
        _permit: &Permit,
        statement: &Statement,
        _deadline: Duration,
    ) -> Result<u64, BackendError> {
        lock(&self.seen).push(statement.clone());
        Ok(lock(&self.counts).pop_front().unwrap_or_default())
    }

    async fn introspect(&self) -> Result<SchemaCache, BackendError> {
        Ok(self.schema.clone())
    }

    async fn ping(&self) -> Result<(), BackendError> {
        Ok(())
    }

    async fn close(&self) {}
}
