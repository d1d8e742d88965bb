//! Statements that callers wrote themselves, and what came of each.

use query::{Access, sql::Script, statement::RowsWanted};
use serde_json::Value;

/// A script and everything that decides how it is run.
#[derive(Debug, Clone, Copy)]
pub struct ScriptRun<'a> {
    pub script: &'a Script,
    /// Values for `$1`, `$2` and so on; only for a script of one statement.
    pub params: &'a [Value],
    /// With [`Access::ReadOnly`] nothing is changed, whatever the script says.
    pub access: Access,
    /// Rows beyond these are left out of the answer.
    pub max_rows: u64,
    pub rows: RowsWanted,
}

/// What came of a script, besides the rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScriptOutcome {
    /// One for each statement, in order.
    pub statements: Vec<StatementOutcome>,
    /// The columns of the rows, as the answer names them; empty when no statement returns rows.
    pub columns: Vec<String>,
    /// Rows were left out.
    pub truncated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatementOutcome {
    /// The statement's first word, in capitals.
    pub word: String,
    pub rows_affected: u64,
    /// Rows it returned and that were read; for a query that was cut short, `max_rows`.
    pub returned: u64,
}
