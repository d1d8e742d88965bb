//! What a store said when it could not, and what a caller may hear of it.

mod refusal;

use api_types::Problem;
use query::{Operation, sql::SqlError};
use refusal::Refusal;

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
    /// The backend was closed while the statement waited.
    #[error("the connections to this database are closed")]
    Closed,
    /// The statement ran past its deadline and was cancelled.
    #[error("the statement took too long and was cancelled")]
    Timeout,
    /// The same, where the client has a limit of its own that callers are told.
    #[error("the statement exceeded the limit of {limit:?} and was cancelled")]
    OverLimit { limit: std::time::Duration },
    /// A write to a client that is only read; nothing was written.
    #[error("this client is only read")]
    OnlyRead,
    /// The database refused the statement.
    #[error("the database refused the statement ({sqlstate})", sqlstate = .0.sqlstate)]
    Database(Box<DatabaseError>),
    /// The database sent a value this program cannot read.
    #[error("column {column} holds a value of type {type_name} that could not be read")]
    Decode { column: String, type_name: String },
    /// The answer would not fit in the memory one request may take.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge { limit: usize },
    /// More values than one statement can carry.
    #[error("{count} values are more than one statement can carry")]
    TooManyValues { count: usize },
    /// This kind of database cannot do it; nothing was run.
    #[error("this backend does not support {what}")]
    NotSupported { what: &'static str },
    /// The script cannot be run as it is; nothing was run.
    #[error(transparent)]
    Script(#[from] SqlError),
    /// Another number of parameters than the statement has places for; nothing was run.
    #[error("{given} parameters were given where {expected} are needed")]
    ParameterCount { expected: usize, given: usize },
    /// A parameter that does not fit the type the statement gives it.
    #[error("params[{index}] is not {expected}")]
    InvalidParameter { index: usize, expected: String },
    /// One of several statements failed, and none of them took effect.
    #[error("statement {index} failed")]
    InStatement {
        /// Counted from 0.
        index: usize,
        #[source]
        source: Box<BackendError>,
    },
    /// Nothing was written.
    #[error(transparent)]
    NotNoted(#[from] crate::NotNoted),
    /// Whoever read the rows stopped taking them.
    #[error("the rows were not taken in time")]
    ReaderTooSlow,
    /// The database did not keep to its own protocol, or this program did not.
    #[error("the database answered out of turn")]
    Protocol {
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
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

/// Whether asking again may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// Time ran out; a retry would run out of it again.
    Timeout,
    /// The connection or its server had a bad moment; a read may be tried again.
    Transient,
    /// The same statement will fail the same way.
    Permanent,
}

impl BackendError {
    /// What outsiders may see, when it does not matter what was asked.
    pub fn problem(&self) -> Problem {
        self.problem_with(None)
    }

    /// The same, in the words that fit the operation.
    pub fn problem_for(&self, operation: Operation) -> Problem {
        self.problem_with(Some(operation))
    }

    fn problem_with(&self, operation: Option<Operation>) -> Problem {
        match self {
            Self::Unreachable { .. } => {
                connection(503, "connection_error", "The database cannot be reached.")
            }
            Self::PoolTimeout => connection(
                503,
                "pool_timeout",
                "Every connection to the database was busy until the time allowed ran out.",
            ),
            Self::Closed => {
                connection(503, "pool_closed", "The connections to this database are closed.")
            }
            Self::Timeout => connection(
                504,
                "gateway_timeout",
                "The statement took longer than allowed and was cancelled in the database.",
            )
            .with_hint("Ask for fewer rows, or for columns that have an index."),
            Self::OverLimit { limit } => over_limit(*limit),
            Self::OnlyRead => only_read(),
            Self::Database(error) => Refusal::of(error).problem(error, operation),
            Self::Decode { column, type_name } => unreadable(column, type_name),
            Self::TooLarge { limit } => Problem::new(
                413,
                "response_too_large",
                format!("The answer is larger than {limit} bytes, the most one request may take."),
            )
            .with_detail("category", "validation")
            .with_hint("Ask for fewer rows or fewer columns."),
            Self::TooManyValues { count } => Problem::new(
                413,
                "too_many_values",
                format!("One statement carries at most 65535 values, and this one has {count}."),
            )
            .with_detail("category", "validation")
            .with_hint("Send fewer rows at a time."),
            Self::NotSupported { what } => Problem::new(
                501,
                "not_supported_by_backend",
                format!("This client's kind of database does not support {what}."),
            )
            .with_detail("what", *what),
            Self::Script(error) => error.problem(),
            Self::ParameterCount { expected, given } => Problem::new(
                400,
                "invalid_parameters",
                format!("The statement takes {expected} parameters, and {given} were given."),
            )
            .with_detail("expected", *expected)
            .with_detail("given", *given),
            Self::InvalidParameter { index, expected } => {
                let field = format!("params[{index}]");
                let text = format!("{field} must be {expected}.");
                Problem::new(400, "invalid_parameters", text).with_detail("field", field)
            }
            Self::InStatement { index, source } => {
                source.problem_with(operation).with_detail("statement", *index)
            }
            Self::NotNoted(_) => connection(
                503,
                "write_not_noted",
                "The write was not begun: what it goes by could not be noted.",
            ),
            Self::ReaderTooSlow => connection(
                408,
                "reader_too_slow",
                "The rows were not taken in time, so the statement was cancelled.",
            ),
            Self::Protocol { .. } => {
                Problem::new(500, "database_error", "Database query execution failed")
                    .with_detail("category", "internal")
            }
        }
    }

    /// Whether asking again may help.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Timeout | Self::OverLimit { .. } => ErrorClass::Timeout,
            Self::Unreachable { .. } | Self::PoolTimeout | Self::NotNoted(_) => {
                ErrorClass::Transient
            }
            Self::Database(error) => Refusal::of(error).class(),
            Self::InStatement { source, .. } => source.class(),
            Self::Closed
            | Self::OnlyRead
            | Self::NotSupported { .. }
            | Self::Script(_)
            | Self::ParameterCount { .. }
            | Self::InvalidParameter { .. }
            | Self::ReaderTooSlow
            | Self::Decode { .. }
            | Self::TooLarge { .. }
            | Self::TooManyValues { .. }
            | Self::Protocol { .. } => ErrorClass::Permanent,
        }
    }
}

/// A value that nobody here can write as JSON.
fn unreadable(column: &str, type_name: &str) -> Problem {
    let text = format!("Column {column} is of type {type_name}, which cannot be written as JSON.");
    Problem::new(500, "column_decode_error", text)
        .with_detail("category", "internal")
        .with_detail("column", column)
        .with_detail("type", type_name)
        .with_hint("Cast the column to text or to_json in the statement.")
}

fn over_limit(limit: std::time::Duration) -> Problem {
    let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    let text =
        format!("The statement exceeded the {limit} ms timeout of this client and was cancelled.");
    connection(504, "QUERY_TIMEOUT", &text)
        .with_detail("timeout_ms", limit)
        .with_hint("Ask for fewer rows, or for columns that have an index.")
}

/// What a write to an external client that was not opened for writing is answered with.
pub fn only_read() -> Problem {
    Problem::new(
        403,
        "EXTERNAL_WRITE_FORBIDDEN",
        "This client's database belongs to somebody else and is only read; nothing was written.",
    )
    .with_hint("Writing needs the client's allowWrites and a resource that is writable.")
}

fn connection(status: u16, code: &str, message: &str) -> Problem {
    Problem::new(status, code, message).with_detail("category", "database_connection")
}

#[cfg(test)]
mod tests;
