//! The port every store sits behind.

mod define;
mod error;
pub mod fake;
mod guard;
mod mark;
mod migrate;
mod names;
mod pool;
mod rest;
mod rule;
mod script;
mod stream;
mod transaction;

pub use define::{Defined, Definition, Inspection, Sibling, Whereabouts};
pub use error::{BackendError, DatabaseError, ErrorClass, only_read};
pub use guard::{AddressGuard, NoNames};
pub use mark::{Fate, Mark, Marks, NotNoted};
pub use migrate::{Migrated, Migration};
pub use names::distinct_names;
pub use pool::PoolReport;
pub use rest::{
    Heard, RestEnd, RestFrame, RestParam, RestRow, RestScript, RestStatement, RestStep,
};
pub use rule::{RuleKind, TableRule};
pub use script::{ScriptOutcome, ScriptRun, StatementOutcome};
pub use stream::{Chunks, RowFormat};
pub use transaction::{Isolation, TransactionOptions};

use async_trait::async_trait;
use auth::Permit;
use bytes::{Bytes, BytesMut};
use catalog::SchemaCache;
use postgrest::schema::{SchemaCache as RestSchema, Scope};
use query::{
    CallPlan, Plan, RenderError, Statement,
    plan::{LoneRow, RowShape},
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// What a backend can do; the console shows no control that it cannot honour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    pub transactions: bool,
    pub offset: bool,
    pub exact_count: bool,
    pub joins: bool,
    /// Rows as they come, however many.
    pub streams: bool,
    /// Statements that callers wrote themselves.
    pub raw_sql: bool,
    /// Functions of the database, called by name.
    pub routines: bool,
}

/// What came back besides the rows, which stand in the caller's buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Rows written to the buffer.
    pub returned: u64,
    /// Rows inserted, updated or deleted; equals `returned` for reads.
    pub affected: u64,
    /// All matching rows, when the plan asked.
    pub count: Option<u64>,
}

const REST: &str = "the PostgREST surface";

/// One upstream database.
#[async_trait]
pub trait Backend: Send + Sync + std::fmt::Debug {
    fn capabilities(&self) -> Capabilities;

    /// The plan in this backend's language.
    fn render(&self, plan: &Plan) -> Result<Statement, RenderError>;

    /// The count that goes with the plan, when it asked for one.
    fn render_count(&self, plan: &Plan) -> Result<Option<Statement>, RenderError>;

    /// Rows of one shape as one statement, which answers them in their order. `None` where rows that
    /// are inserted together could not be told apart afterwards.
    fn render_rows(
        &self,
        _shape: &RowShape,
        _rows: &[LoneRow],
    ) -> Option<Result<Statement, RenderError>> {
        None
    }

    /// The text that answers many statements like this one of the plan at once, where that takes next to
    /// no more time than one.
    fn render_gathered(&self, _plan: &Plan, _statement: &Statement) -> Option<Arc<str>> {
        None
    }

    /// A routine's call in this backend's language; its count, when wanted, is part of it.
    fn render_call(&self, _plan: &CallPlan) -> Result<Statement, RenderError> {
        Err(RenderError::NotSupported { what: "functions" })
    }

    /// Run a statement and append its rows to `out` as one JSON array.
    ///
    /// On an error `out` may hold a part of an answer and must not be sent.
    /// The deadline covers waiting for a connection; when it passes, the statement is cancelled in the database.
    async fn execute(
        &self,
        permit: &Permit,
        statement: &Statement,
        deadline: Duration,
        out: &mut BytesMut,
    ) -> Result<Outcome, BackendError>;

    /// Run a count statement.
    async fn count(
        &self,
        permit: &Permit,
        statement: &Statement,
        deadline: Duration,
    ) -> Result<u64, BackendError>;

    /// Run a statement and hand on its rows while they come.
    ///
    /// What goes wrong before the first row is the stream's first item; nothing follows an error.
    /// The deadline covers the time until the first row, and each later wait for the database, but
    /// not the time the reader takes. Dropping the stream cancels the statement in the database.
    fn stream(
        &self,
        _permit: &Permit,
        _statement: Statement,
        _format: RowFormat,
        _deadline: Duration,
    ) -> Chunks {
        stream::failed(BackendError::NotSupported { what: "streaming" })
    }

    /// Run what a caller wrote; the rows of the last statement that returns any are appended to
    /// `out` as one JSON array. All or nothing.
    ///
    /// On an error `out` may hold a part of an answer and must not be sent.
    async fn run_script(
        &self,
        _permit: &Permit,
        _run: ScriptRun<'_>,
        _deadline: Duration,
        _out: &mut BytesMut,
    ) -> Result<ScriptOutcome, BackendError> {
        Err(BackendError::NotSupported { what: "raw SQL" })
    }

    /// Run a write, and note what it goes by before it can be committed.
    async fn execute_noted(
        &self,
        permit: &Permit,
        statement: &Statement,
        marks: &dyn Marks,
        deadline: Duration,
        out: &mut BytesMut,
    ) -> Result<Outcome, BackendError> {
        marks.note(Mark::Blind).await?;
        self.execute(permit, statement, deadline, out).await
    }

    /// The same for what a caller wrote.
    async fn run_script_noted(
        &self,
        permit: &Permit,
        run: ScriptRun<'_>,
        marks: &dyn Marks,
        deadline: Duration,
        out: &mut BytesMut,
    ) -> Result<ScriptOutcome, BackendError> {
        marks.note(Mark::Blind).await?;
        self.run_script(permit, run, deadline, out).await
    }

    /// How a transaction ended that a [`Mark`] names.
    async fn fate(&self, _transaction: &str) -> Result<Fate, BackendError> {
        Ok(Fate::Unknown)
    }

    /// Run statements in one transaction, all or nothing; each answers with its own JSON array.
    async fn transact(
        &self,
        _permit: &Permit,
        _statements: Vec<Statement>,
        _options: TransactionOptions,
        _deadline: Duration,
    ) -> Result<Vec<(Bytes, Outcome)>, BackendError> {
        Err(BackendError::NotSupported { what: "transactions" })
    }

    /// Run a request of the PostgREST surface in a transaction of its own.
    ///
    /// The deadline covers waiting for a connection; when it passes, or when nobody waits for the
    /// answer any more, the statement is cancelled in the database.
    async fn exchange(
        &self,
        _permit: &Permit,
        _frame: RestFrame<'_>,
        _script: &mut dyn RestScript,
        _deadline: Duration,
    ) -> Result<(), BackendError> {
        Err(BackendError::NotSupported { what: REST })
    }

    /// Read what the PostgREST surface offers.
    async fn introspect_rest(&self, _scope: &Scope) -> Result<RestSchema, BackendError> {
        Err(BackendError::NotSupported { what: REST })
    }

    /// Call `heard` with each message on a channel of the database, and once when the listening
    /// begins; ends when the connection does.
    async fn listen(&self, _channel: &str, _heard: &Heard) -> Result<(), BackendError> {
        Err(BackendError::NotSupported { what: "notifications" })
    }

    /// Change the structure, all of it or nothing.
    async fn define(
        &self,
        _permit: &Permit,
        _definition: Definition<'_>,
    ) -> Result<Defined, BackendError> {
        Err(BackendError::NotSupported { what: "changes of structure" })
    }

    /// Look at the structure; each thing found is an object.
    async fn inspect(
        &self,
        _permit: &Permit,
        _inspection: &Inspection,
    ) -> Result<Vec<Value>, BackendError> {
        Err(BackendError::NotSupported { what: "looking at functions, indexes and extensions" })
    }

    /// Take the steps that were not taken here yet, all of them or none.
    async fn migrate(
        &self,
        _permit: &Permit,
        _steps: &[Migration<'_>],
    ) -> Result<Migrated, BackendError> {
        Err(BackendError::NotSupported { what: "tables of this gateway's own" })
    }

    /// Another database of the same server. Nothing is connected to yet.
    fn sibling(&self, _sibling: Sibling<'_>) -> Result<Arc<dyn Backend>, BackendError> {
        Err(BackendError::NotSupported { what: "several databases on one server" })
    }

    /// Which database this is; nothing where it does not say.
    async fn whereabouts(&self) -> Result<Option<Whereabouts>, BackendError> {
        Ok(None)
    }

    /// Read the catalog.
    async fn introspect(&self) -> Result<SchemaCache, BackendError>;

    /// What rows must keep to, of every table: no part of the catalog that is kept, because only people
    /// ask for it. Empty where the database does not say.
    async fn rules(&self) -> Result<Vec<TableRule>, BackendError> {
        Ok(Vec::new())
    }

    /// One cheap round trip: is it there?
    async fn ping(&self) -> Result<(), BackendError>;

    /// How busy its sessions are at this moment; asks nobody.
    fn pools(&self) -> Vec<PoolReport> {
        Vec::new()
    }

    /// Finish what runs, then close every connection.
    async fn close(&self);
}
