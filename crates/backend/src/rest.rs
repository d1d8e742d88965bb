//! One exchange on the PostgREST surface: a transaction of its own, in which later steps depend on
//! what earlier ones answered.

use crate::Isolation;
use bytes::Bytes;
use catalog::QualifiedName;
use query::Access;

/// A statement of fixed words and quoted identifiers, and its values.
pub use postgrest::{Param as RestParam, Statement as RestStatement};

/// A row's columns as text or raw bytes.
pub type RestRow = Vec<Option<Bytes>>;

/// What happens next in the transaction.
#[derive(Debug)]
pub enum RestStep {
    Run(RestStatement),
    /// Nothing follows it but this end, whatever it answers: both can be sent at once. Its rows are
    /// told like any others, and what is said to them is not heard.
    Last(RestStatement, RestEnd),
    End(RestEnd),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestEnd {
    Commit,
    /// Undo it all, after the deferred constraints were looked at: an error of theirs is the answer.
    RollBackChecked,
    RollBack,
}

/// Decides step by step. A read may be repeated: asked without rows, it begins again.
pub trait RestScript: Send {
    fn next(&mut self, rows: Option<Vec<RestRow>>) -> RestStep;
}

/// Everything a transaction needs besides its statements.
#[derive(Debug, Clone, Copy)]
pub struct RestFrame<'a> {
    pub access: Access,
    /// `None` is the database's own default.
    pub isolation: Option<Isolation>,
    /// Set for this transaction alone, in this order; the role is one of them.
    pub settings: &'a [(String, String)],
    /// Called before the first statement.
    pub before: Option<&'a QualifiedName>,
    /// Whether what runs may leave something behind in the session.
    pub leaves_traces: bool,
}

/// Is told each message of a channel.
pub type Heard = dyn Fn(&str) + Send + Sync;
