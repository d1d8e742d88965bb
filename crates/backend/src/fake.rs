//! A backend that answers from memory, for tests of everything above this layer.

use crate::{
    Backend, BackendError, Capabilities, Chunks, Outcome, PoolReport, RowFormat, ScriptOutcome,
    ScriptRun, TableRule, TransactionOptions,
};
use async_trait::async_trait;
use auth::Permit;
use bytes::{Bytes, BytesMut};
use catalog::SchemaCache;
use futures_util::{StreamExt, stream};
use query::{Access, CallPlan, Plan, RenderError, Statement};
use serde_json::{Value, value::RawValue};
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
    /// The same for a script.
    Script {
        json: String,
        outcome: ScriptOutcome,
    },
    /// A stream's pieces, given out as they are.
    Chunks(Vec<Result<Bytes, BackendError>>),
    Fail(BackendError),
    /// Never comes; the deadline passes instead.
    Hang,
}

/// A script as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenScript {
    pub statements: Vec<String>,
    pub params: Vec<Value>,
    pub access: Access,
    pub max_rows: u64,
}

/// Answers in the order they were queued, and remembers what it was asked.
#[derive(Debug, Default)]
pub struct FakeBackend {
    schema: SchemaCache,
    answers: Mutex<VecDeque<FakeAnswer>>,
    counts: Mutex<VecDeque<u64>>,
    seen: Mutex<Vec<Statement>>,
    scripts: Mutex<Vec<SeenScript>>,
    transactions: Mutex<Vec<TransactionOptions>>,
    rules: Vec<TableRule>,
}

impl FakeBackend {
    pub fn new(schema: SchemaCache) -> Self {
        Self { schema, ..Self::default() }
    }

    /// The same, whose rows must keep to these.
    pub fn with_rules(self, rules: Vec<TableRule>) -> Self {
        Self { rules, ..self }
    }

    /// Queue an answer; with none queued, a statement finds no rows.
    pub fn answer(&self, answer: FakeAnswer) {
        lock(&self.answers).push_back(answer);
    }

    /// Queue the result of a count.
    pub fn answer_count(&self, count: u64) {
        lock(&self.counts).push_back(count);
    }

    /// Every statement executed so far, streamed ones and those of transactions too.
    pub fn seen(&self) -> Vec<Statement> {
        lock(&self.seen).clone()
    }

    /// Every script run so far.
    pub fn scripts(&self) -> Vec<SeenScript> {
        lock(&self.scripts).clone()
    }

    /// How every transaction so far was begun.
    pub fn transactions(&self) -> Vec<TransactionOptions> {
        lock(&self.transactions).clone()
    }

    async fn next(&self, deadline: Duration) -> Result<FakeAnswer, BackendError> {
        let answer = lock(&self.answers).pop_front();
        match answer {
            Some(FakeAnswer::Fail(error)) => Err(error),
            Some(FakeAnswer::Hang) => {
                tokio::time::sleep(deadline).await;
                Err(BackendError::Timeout)
            }
            Some(answer) => Ok(answer),
            None => Ok(FakeAnswer::Rows { json: "[]".to_owned(), outcome: Outcome::default() }),
        }
    }
}

impl FakeAnswer {
    fn into_rows(self) -> (String, Outcome) {
        match self {
            Self::Rows { json, outcome } => (json, outcome),
            other => panic!("rows were asked for, and {other:?} was queued"),
        }
    }

    fn into_script(self) -> (String, ScriptOutcome) {
        match self {
            Self::Script { json, outcome } => (json, outcome),
            Self::Rows { json, .. } => (json, ScriptOutcome::default()),
            other => panic!("a script was run, and {other:?} was queued"),
        }
    }

    fn into_chunks(self, format: RowFormat) -> Vec<Result<Bytes, BackendError>> {
        match (self, format) {
            (Self::Chunks(chunks), _) => chunks,
            (Self::Rows { json, .. }, RowFormat::Array) => vec![Ok(Bytes::from(json))],
            (Self::Rows { json, .. }, RowFormat::Lines) => lines(&json),
            (other, _) => panic!("a stream was asked for, and {other:?} was queued"),
        }
    }
}

/// One piece for each row.
fn lines(json: &str) -> Vec<Result<Bytes, BackendError>> {
    let rows: Vec<&RawValue> = serde_json::from_str(json).expect("queued rows are a JSON array");
    rows.into_iter().map(|row| Ok(Bytes::from(format!("{row}\n")))).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Backend for FakeBackend {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            transactions: true,
            offset: true,
            exact_count: true,
            joins: true,
            streams: true,
            raw_sql: true,
            routines: true,
        }
    }

    fn render(&self, plan: &Plan) -> Result<Statement, RenderError> {
        Statement::postgres(plan)
    }

    fn render_count(&self, plan: &Plan) -> Result<Option<Statement>, RenderError> {
        Statement::postgres_count(plan)
    }

    fn render_gathered(&self, plan: &Plan, statement: &Statement) -> Option<std::sync::Arc<str>> {
        statement.postgres_gathered(plan)
    }

    fn render_call(&self, plan: &CallPlan) -> Result<Statement, RenderError> {
        Statement::postgres_call(plan)
    }

    async fn execute(
        &self,
        _permit: &Permit,
        statement: &Statement,
        deadline: Duration,
        out: &mut BytesMut,
    ) -> Result<Outcome, BackendError> {
        lock(&self.seen).push(statement.clone());
        let (json, outcome) = self.next(deadline).await?.into_rows();
        out.extend_from_slice(json.as_bytes());
        Ok(outcome)
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

    fn stream(
        &self,
        _permit: &Permit,
        statement: Statement,
        format: RowFormat,
        deadline: Duration,
    ) -> Chunks {
        lock(&self.seen).push(statement);
        let answer = lock(&self.answers).pop_front();
        match answer {
            Some(FakeAnswer::Fail(error)) => crate::stream::failed(error),
            Some(FakeAnswer::Hang) => {
                let late = async move {
                    tokio::time::sleep(deadline).await;
                    Err(BackendError::Timeout)
                };
                stream::once(late).boxed()
            }
            Some(answer) => stream::iter(answer.into_chunks(format)).boxed(),
            None => {
                let nothing =
                    FakeAnswer::Rows { json: "[]".to_owned(), outcome: Outcome::default() };
                stream::iter(nothing.into_chunks(format)).boxed()
            }
        }
    }

    async fn run_script(
        &self,
        _permit: &Permit,
        run: ScriptRun<'_>,
        deadline: Duration,
        out: &mut BytesMut,
    ) -> Result<ScriptOutcome, BackendError> {
        let statements = run.script.statements().iter();
        lock(&self.scripts).push(SeenScript {
            statements: statements.map(|statement| statement.text().to_owned()).collect(),
            params: run.params.to_vec(),
            access: run.access,
            max_rows: run.max_rows,
        });
        let (json, outcome) = self.next(deadline).await?.into_script();
        out.extend_from_slice(json.as_bytes());
        Ok(outcome)
    }

    async fn transact(
        &self,
        _permit: &Permit,
        statements: Vec<Statement>,
        options: TransactionOptions,
        deadline: Duration,
    ) -> Result<Vec<(Bytes, Outcome)>, BackendError> {
        lock(&self.transactions).push(options);
        let mut answers = Vec::with_capacity(statements.len());
        for (index, statement) in statements.into_iter().enumerate() {
            lock(&self.seen).push(statement);
            let answer = self.next(deadline).await;
            let answer = answer
                .map_err(|source| BackendError::InStatement { index, source: Box::new(source) })?;
            let (json, outcome) = answer.into_rows();
            answers.push((Bytes::from(json), outcome));
        }
        Ok(answers)
    }

    async fn introspect(&self) -> Result<SchemaCache, BackendError> {
        Ok(self.schema.clone())
    }

    async fn rules(&self) -> Result<Vec<TableRule>, BackendError> {
        Ok(self.rules.clone())
    }

    async fn ping(&self) -> Result<(), BackendError> {
        Ok(())
    }

    /// One session that is always free.
    fn pools(&self) -> Vec<PoolReport> {
        vec![PoolReport { name: "reads", limit: 1, in_use: 0, idle: 1, waiting: 0 }]
    }

    async fn close(&self) {}
}
