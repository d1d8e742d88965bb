//! SQLite behind the port: one writer, several readers, rows straight to JSON bytes.

mod bind;
mod declared;
mod error;
mod execute;
mod introspect;
mod pool;
mod row_writer;
mod script;
mod settings;
mod stream;
mod transact;

pub use settings::{SqliteSettings, UriError};

use async_trait::async_trait;
use auth::Permit;
use backend::{
    Backend, BackendError, Capabilities, Chunks, Outcome, PoolReport, RowFormat, ScriptOutcome,
    ScriptRun, TableRule, TransactionOptions,
};
use bytes::{Bytes, BytesMut};
use catalog::SchemaCache;
use declared::Declared;
use execute::Job;
use pool::{Pool, Role};
use query::{Access, Plan, RenderError, Statement};
use std::{fmt, time::Duration};
use tokio::{sync::OnceCell, time::Instant};

/// One SQLite file.
pub struct Sqlite {
    settings: SqliteSettings,
    reads: Pool,
    writes: Pool,
    declared: Declared,
    /// Whether the file was opened for writing once, which also makes it when it may be made.
    prepared: OnceCell<()>,
}

const PING_LIMIT: Duration = Duration::from_secs(5);
const INTROSPECTION_LIMIT: Duration = Duration::from_secs(30);

impl Sqlite {
    /// Does no I/O: the first statement opens the file.
    pub fn connect(settings: &SqliteSettings) -> Self {
        Self {
            settings: settings.clone(),
            reads: Pool::new(settings, Role::Reads),
            writes: Pool::new(settings, Role::Writes),
            declared: Declared::default(),
            prepared: OnceCell::new(),
        }
    }

    /// The sessions for what is asked. Those for reads cannot write, whatever a statement says.
    async fn pool_for(&self, access: Access, deadline: Instant) -> Result<&Pool, BackendError> {
        if self.settings.may_write() {
            let prepare = || pool::write_ahead(&self.writes, deadline);
            self.prepared.get_or_try_init(prepare).await?;
        }
        Ok(match access {
            Access::ReadOnly => &self.reads,
            Access::ReadWrite => &self.writes,
        })
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite").field("file", &self.settings.path()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Backend for Sqlite {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            transactions: true,
            offset: true,
            exact_count: true,
            joins: false,
            streams: true,
            raw_sql: true,
            routines: false,
        }
    }

    fn render(&self, plan: &Plan) -> Result<Statement, RenderError> {
        Statement::sqlite(plan)
    }

    fn render_count(&self, plan: &Plan) -> Result<Option<Statement>, RenderError> {
        Statement::sqlite_count(plan)
    }

    async fn execute(
        &self,
        _permit: &Permit,
        statement: &Statement,
        deadline: Duration,
        out: &mut BytesMut,
    ) -> Result<Outcome, BackendError> {
        let deadline = Instant::now() + deadline;
        let pool = self.pool_for(statement.access(), deadline).await?;
        let types = self.declared.current();
        let job = Job { statement, types: &types, limit: self.settings.max_result_bytes };
        execute::execute(pool, job, deadline, out).await
    }

    async fn count(
        &self,
        _permit: &Permit,
        statement: &Statement,
        deadline: Duration,
    ) -> Result<u64, BackendError> {
        let deadline = Instant::now() + deadline;
        let pool = self.pool_for(Access::ReadOnly, deadline).await?;
        execute::count(pool, statement, deadline).await
    }

    fn stream(
        &self,
        _permit: &Permit,
        statement: Statement,
        format: RowFormat,
        deadline: Duration,
    ) -> Chunks {
        let pool = match statement.access() {
            Access::ReadOnly => self.reads.clone(),
            Access::ReadWrite => self.writes.clone(),
        };
        let types = self.declared.current();
        let patience = self.settings.reader_patience;
        stream::stream(pool, stream::Streaming { statement, format, types, deadline, patience })
    }

    async fn run_script(
        &self,
        _permit: &Permit,
        run: ScriptRun<'_>,
        deadline: Duration,
        out: &mut BytesMut,
    ) -> Result<ScriptOutcome, BackendError> {
        let script = script::Checked::new(run)?;
        let deadline = Instant::now() + deadline;
        let pool = self.pool_for(run.access, deadline).await?;
        let types = self.declared.current();
        script.run(pool, &types, deadline, self.settings.max_result_bytes, out).await
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
        let pool = self.pool_for(access, deadline).await?;
        let types = self.declared.current();
        let limit = self.settings.max_result_bytes;
        transact::transact(pool, access, &statements, &types, deadline, limit).await
    }

    async fn introspect(&self) -> Result<SchemaCache, BackendError> {
        let deadline = Instant::now() + INTROSPECTION_LIMIT;
        let pool = self.pool_for(Access::ReadOnly, deadline).await?;
        let cache = introspect::introspect(pool, deadline).await?;
        self.declared.learn(&cache);
        Ok(cache)
    }

    async fn rules(&self) -> Result<Vec<TableRule>, BackendError> {
        let deadline = Instant::now() + INTROSPECTION_LIMIT;
        let pool = self.pool_for(Access::ReadOnly, deadline).await?;
        introspect::rules(pool, deadline).await
    }

    async fn ping(&self) -> Result<(), BackendError> {
        // A file that was taken away is still there for whoever has it open.
        if let Err(source) = tokio::fs::metadata(self.settings.path()).await
            && self.prepared.initialized()
        {
            self.reads.purge();
            self.writes.purge();
            return Err(BackendError::Unreachable { source: source.into() });
        }
        let deadline = Instant::now() + PING_LIMIT;
        execute::ping(self.pool_for(Access::ReadOnly, deadline).await?, deadline).await
    }

    fn pools(&self) -> Vec<PoolReport> {
        vec![self.reads.report("reads"), self.writes.report("writes")]
    }

    async fn close(&self) {
        // The last to leave folds the journal into the file, which a reader may not.
        self.reads.close().await;
        self.writes.close().await;
    }
}
