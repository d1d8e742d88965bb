//! What a store said when it could not.

use api_types::Problem;

/// A failure of an upstream database, sorted by what a caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// No connection could be made or kept.
    #[error("the database cannot be reached")]
    Unreachable {
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Every connection was busy until the deadline.
    #[error("no connection became free in time")]
    PoolTimeout,
    /// The statement ran past its deadline and was cancelled.
    #[error("the statement took too long and was cancelled")]
    Timeout,
    /// The database refused the statement.
    #[error("the database refused the statement ({sqlstate})")]
    Database(Box<DatabaseError>),
    /// The database sent a value this program cannot read.
    #[error("column {column} holds a value of type {type_name} that could not be read")]
    Decode { column: String, type_name: String },
}

/// The fields PostgreSQL sends with an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseError {
    pub sqlstate: String,
    /// The database's own text; may quote values, so it is shown only where it is known not to.
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    pub schema: Option<String>,
    pub table: Option<String>,
    pub column: Option<String>,
    pub constraint: Option<String>,
    pub position: Option<usize>,
}

impl BackendError {
    pub fn problem(&self) -> Problem {
        todo!()
    }
}
