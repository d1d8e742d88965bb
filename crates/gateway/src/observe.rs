//! Things worth logging or counting, as one enum. Sinks decide what becomes of them.

mod counters;
mod log;
mod operations;
mod redact;
mod requests;

pub use counters::{Counters, Totals};
pub use log::LogSink;
pub use operations::OperationSink;
pub use redact::{json as redacted_json, query as redacted_query, text as redacted_text};
pub use requests::{Door, Noted};

use crate::ids::Trace;
use crate::timings::Timings;
use api_types::ClientName;
use auth::Credential;
use catalog::Ident;
use query::Operation;
use std::sync::Arc;
use store::CacheSeen;

pub use store::{RequestCount, RequestLog, RequestRow};

/// Something that happened. It holds no value of any row, and no secret.
#[derive(Debug)]
pub enum Observation<'a> {
    /// A data request was answered, well or badly.
    Request(RequestSeen<'a>),
}

/// One data request from its first stage to its last.
#[derive(Debug)]
pub struct RequestSeen<'a> {
    pub trace: &'a Trace,
    pub act: Act,
    pub client: &'a ClientName,
    pub credential: &'a Credential,
    /// Known once the request was planned.
    pub table: Option<&'a Ident>,
    pub status: u16,
    /// The problem's code when it failed.
    pub code: Option<&'a str>,
    pub rows: u64,
    pub bytes: usize,
    /// What became of looking for a kept answer, where one may be kept.
    pub cache: Option<CacheSeen>,
    /// Whether the client is registered.
    pub is_known: bool,
    pub timings: &'a Timings,
}

/// Somewhere observations go. Must not block.
pub trait Sink: Send + Sync {
    fn observe(&self, observation: &Observation<'_>);
}

/// The sinks of one gateway.
#[derive(Clone, Default)]
pub struct Observers {
    sinks: Arc<[Arc<dyn Sink>]>,
}

impl Observers {
    pub fn new(sinks: Vec<Arc<dyn Sink>>) -> Self {
        Self { sinks: sinks.into() }
    }

    pub fn observe(&self, observation: &Observation<'_>) {
        for sink in self.sinks.iter() {
            sink.observe(observation);
        }
    }
}

/// What a request does, as far as logs and metrics tell it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    Data(Operation),
    /// SQL through `/gateway/query`.
    Query,
    /// SQL through `/gateway/sql` or `/query/sql`.
    Sql,
    Count,
    Rpc,
    Transaction,
    /// A relation on the PostgREST surface, by what is done to it.
    Rest(Operation),
    /// A routine on the PostgREST surface.
    RestCall,
    /// The PostgREST surface's own description.
    RestRoot,
}

impl Act {
    pub const ALL: [Self; 15] = [
        Self::Data(Operation::Fetch),
        Self::Data(Operation::Insert),
        Self::Data(Operation::Update),
        Self::Data(Operation::Delete),
        Self::Query,
        Self::Sql,
        Self::Count,
        Self::Rpc,
        Self::Transaction,
        Self::Rest(Operation::Fetch),
        Self::Rest(Operation::Insert),
        Self::Rest(Operation::Update),
        Self::Rest(Operation::Delete),
        Self::RestCall,
        Self::RestRoot,
    ];

    /// The word for logs and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Data(Operation::Fetch) => "fetch",
            Self::Data(Operation::Insert) => "insert",
            Self::Data(Operation::Update) => "update",
            Self::Data(Operation::Delete) => "delete",
            Self::Query => "query",
            Self::Sql => "sql",
            Self::Count => "count",
            Self::Rpc => "rpc",
            Self::Transaction => "transaction",
            Self::Rest(Operation::Fetch) => "rest_read",
            Self::Rest(Operation::Insert) => "rest_insert",
            Self::Rest(Operation::Update) => "rest_update",
            Self::Rest(Operation::Delete) => "rest_delete",
            Self::RestCall => "rest_rpc",
            Self::RestRoot => "rest_root",
        }
    }
}
