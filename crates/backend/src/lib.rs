//! The port every store sits behind.

mod error;
pub mod fake;

pub use error::{BackendError, DatabaseError, ErrorClass};

use async_trait::async_trait;
use auth::Permit;
use bytes::BytesMut;
use catalog::SchemaCache;
use query::{Plan, RenderError, Statement};
use std::time::Duration;

/// What a backend can do; the console shows no control that it cannot honour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    pub transactions: bool,
    pub offset: bool,
    pub exact_count: bool,
    pub joins: bool,
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

/// One upstream database.
#[async_trait]
pub trait Backend: Send + Sync + std::fmt::Debug {
    fn capabilities(&self) -> Capabilities;

    /// The plan in this backend's language.
    fn render(&self, plan: &Plan) -> Result<Statement, RenderError>;

    /// The count that goes with the plan, when it asked for one.
    fn render_count(&self, plan: &Plan) -> Result<Option<Statement>, RenderError>;

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

    /// Read the catalog.
    async fn introspect(&self) -> Result<SchemaCache, BackendError>;

    /// One cheap round trip: is it there?
    async fn ping(&self) -> Result<(), BackendError>;

    /// Finish what runs, then close every connection.
    async fn close(&self);
}
