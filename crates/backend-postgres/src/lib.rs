//! PostgreSQL behind the port: own pool, prepared statements, rows straight to JSON bytes.

mod bind;
mod define;
mod error;
mod execute;
mod gather;
mod inspect;
mod introspect;
mod migrate;
mod noted;
mod pool;
pub mod pull;
mod relay;
mod rest;
mod row_writer;
mod script;
mod settings;
mod stream;
mod transact;

pub use execute::RenderedSql;
pub use pool::PoolUsage;
pub use row_writer::{Malformed, Writer};
pub use settings::{Login, PgSslMode, PostgresSettings, ServerTls, UriError};

use async_trait::async_trait;
use auth::Permit;
use backend::{
    Backend, BackendError, Capabilities, Chunks, Defined, Definition, Fate, Heard, Inspection,
    Marks, Migrated, Migration, Outcome, PoolReport, RestFrame, RestScript, RowFormat,
    ScriptOutcome, ScriptRun, Sibling, TableRule, TransactionOptions, Whereabouts,
};
use bytes::{Bytes, BytesMut};
use catalog::SchemaCache;
use execute::Job;
use gather::Gathering;
use pool::{Pool, Role};
use query::{
    Access, CallPlan, Plan, RenderError, Statement,
    plan::{LoneRow, RowShape},
};
use relay::Relay;
use script::TypeNames;
use std::{fmt, sync::Arc, time::Duration};
use stream::Streaming;
use tokio::time::Instant;

/// One PostgreSQL database.
pub struct Postgres {
    address: String,
    /// For other databases of the same server.
    settings: PostgresSettings,
    reads: Pool,
    gathering: Arc<Gathering>,
    writes: Pool,
    types: TypeNames,
    max_result_bytes: usize,
    reader_patience: Duration,
    /// Every session goes through it, when there is one.
    _relay: Option<Arc<Relay>>,
}

/// How busy each pool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStatus {
    pub reads: PoolUsage,
    pub writes: PoolUsage,
}

const PING_LIMIT: Duration = Duration::from_secs(5);
const INTROSPECTION_LIMIT: Duration = Duration::from_secs(30);

impl Postgres {
    /// Does no I/O: the first statement opens the first connection.
    pub fn connect(settings: &PostgresSettings) -> Self {
        Self {
            address: settings.address(),
            settings: settings.clone(),
            reads: Pool::new(settings, Role::Reads),
            gathering: Gathering::beside(settings.read_connections),
            writes: Pool::new(settings, Role::Writes),
            types: TypeNames::default(),
            max_result_bytes: settings.max_result_bytes,
            reader_patience: settings.reader_patience,
            _relay: settings.relay.clone(),
        }
    }

    /// For health reports.
    pub fn pool_status(&self) -> PoolStatus {
        PoolStatus { reads: self.reads.usage(), writes: self.writes.usage() }
    }

    /// Run SQL that this program rendered, for whoever holds no [`Statement`].
    pub async fn execute_rendered(
        &self,
        _permit: &Permit,
        statement: RenderedSql<'_>,
        deadline: Duration,
        out: &mut BytesMut,
    ) -> Result<Outcome, BackendError> {
        let deadline = Instant::now() + deadline;
        let pool = self.pool_for(statement.access);
        execute::execute(pool, Job::plain(statement), deadline, self.max_result_bytes, out).await
    }

    /// Sessions for reads are read-only in the database itself, whatever a statement says.
    fn pool_for(&self, access: Access) -> &Pool {
        match access {
            Access::ReadOnly => &self.reads,
            Access::ReadWrite => &self.writes,
        }
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("address", &self.address).finish_non_exhaustive()
    }
}

#[async_trait]
impl Backend for Postgres {
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

    fn render_rows(
        &self,
        shape: &RowShape,
        rows: &[LoneRow],
    ) -> Option<Result<Statement, RenderError>> {
        Some(Statement::postgres_rows(shape, rows))
    }

    fn render_gathered(&self, plan: &Plan, statement: &Statement) -> Option<Arc<str>> {
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
        let deadline = Instant::now() + deadline;
        let (pool, max_bytes) = (self.pool_for(statement.access()), self.max_result_bytes);
        match statement.gathered() {
            Some(text) if statement.access() == Access::ReadOnly => {
                let (at, what) = ((&self.gathering, pool), (statement, text));
                gather::execute(at, what, deadline, max_bytes, out).await
            }
            _ => execute::execute(pool, Job::of(statement), deadline, max_bytes, out).await,
        }
    }

    async fn count(
        &self,
        _permit: &Permit,
        statement: &Statement,
        deadline: Duration,
    ) -> Result<u64, BackendError> {
        let deadline = Instant::now() + deadline;
        execute::count(&self.reads, Job::of(statement), deadline).await
    }

    fn stream(
        &self,
        _permit: &Permit,
        statement: Statement,
        format: RowFormat,
        deadline: Duration,
    ) -> Chunks {
        let pool = self.pool_for(statement.access()).clone();
        let (reader_patience, max_bytes) = (self.reader_patience, self.max_result_bytes);
        stream::stream(pool, Streaming { statement, format, deadline, reader_patience, max_bytes })
    }

    async fn run_script(
        &self,
        _permit: &Permit,
        run: ScriptRun<'_>,
        deadline: Duration,
        out: &mut BytesMut,
    ) -> Result<ScriptOutcome, BackendError> {
        let deadline = Instant::now() + deadline;
        let pool = self.pool_for(run.access);
        script::run(pool, &self.types, (run, None), deadline, self.max_result_bytes, out).await
    }

    async fn execute_noted(
        &self,
        _permit: &Permit,
        statement: &Statement,
        marks: &dyn Marks,
        deadline: Duration,
        out: &mut BytesMut,
    ) -> Result<Outcome, BackendError> {
        let deadline = Instant::now() + deadline;
        let (job, limit) = (Job::of(statement), self.max_result_bytes);
        noted::execute(&self.writes, job, marks, deadline, limit, out).await
    }

    async fn run_script_noted(
        &self,
        _permit: &Permit,
        run: ScriptRun<'_>,
        marks: &dyn Marks,
        deadline: Duration,
        out: &mut BytesMut,
    ) -> Result<ScriptOutcome, BackendError> {
        let deadline = Instant::now() + deadline;
        let (pool, limit) = (self.pool_for(run.access), self.max_result_bytes);
        script::run(pool, &self.types, (run, Some(marks)), deadline, limit, out).await
    }

    async fn fate(&self, transaction: &str) -> Result<Fate, BackendError> {
        noted::fate(&self.writes, transaction, Instant::now() + PING_LIMIT).await
    }

    async fn transact(
        &self,
        _permit: &Permit,
        statements: Vec<Statement>,
        options: TransactionOptions,
        deadline: Duration,
    ) -> Result<Vec<(Bytes, Outcome)>, BackendError> {
        let deadline = Instant::now() + deadline;
        let access = if options.read_only { Access::ReadOnly } else { Access::ReadWrite };
        let pool = self.pool_for(access);
        transact::transact(pool, &statements, options, deadline, self.max_result_bytes).await
    }

    async fn exchange(
        &self,
        _permit: &Permit,
        frame: RestFrame<'_>,
        script: &mut dyn RestScript,
        deadline: Duration,
    ) -> Result<(), BackendError> {
        let deadline = Instant::now() + deadline;
        let (pool, max_bytes) = (self.pool_for(frame.access), self.max_result_bytes);
        let on = rest::Exchange { pool, types: &self.types, deadline, max_bytes };
        rest::run(on, frame, script).await
    }

    async fn introspect_rest(
        &self,
        scope: &postgrest::schema::Scope,
    ) -> Result<postgrest::schema::SchemaCache, BackendError> {
        Self::introspect_rest(self, scope).await
    }

    async fn listen(&self, channel: &str, heard: &Heard) -> Result<(), BackendError> {
        rest::listen(&self.reads, channel, heard).await
    }

    async fn define(
        &self,
        _permit: &Permit,
        definition: Definition<'_>,
    ) -> Result<Defined, BackendError> {
        let defined = define::define(&self.writes, definition).await;
        // A type may be another now under the number of an old one.
        self.types.forget();
        defined
    }

    async fn inspect(
        &self,
        _permit: &Permit,
        inspection: &Inspection,
    ) -> Result<Vec<serde_json::Value>, BackendError> {
        inspect::inspect(&self.reads, inspection, Instant::now() + INTROSPECTION_LIMIT).await
    }

    async fn migrate(
        &self,
        _permit: &Permit,
        steps: &[Migration<'_>],
    ) -> Result<Migrated, BackendError> {
        migrate::migrate(&self.writes, steps).await
    }

    fn sibling(&self, sibling: Sibling<'_>) -> Result<Arc<dyn Backend>, BackendError> {
        Ok(Arc::new(Self::connect(&self.settings.for_sibling(sibling))))
    }

    async fn whereabouts(&self) -> Result<Option<Whereabouts>, BackendError> {
        inspect::whereabouts(&self.reads, Instant::now() + PING_LIMIT).await
    }

    async fn introspect(&self) -> Result<SchemaCache, BackendError> {
        introspect::introspect(&self.reads, Instant::now() + INTROSPECTION_LIMIT).await
    }

    async fn rules(&self) -> Result<Vec<TableRule>, BackendError> {
        introspect::rules(&self.reads, Instant::now() + INTROSPECTION_LIMIT).await
    }

    async fn ping(&self) -> Result<(), BackendError> {
        execute::ping(&self.reads, Instant::now() + PING_LIMIT).await
    }

    fn pools(&self) -> Vec<PoolReport> {
        let PoolStatus { reads, writes } = self.pool_status();
        let report = |name, PoolUsage { limit, in_use, idle, waiting }| PoolReport {
            name,
            limit,
            in_use,
            idle,
            waiting,
        };
        vec![report("reads", reads), report("writes", writes)]
    }

    async fn close(&self) {
        tokio::join!(self.reads.close(), self.writes.close());
    }
}
