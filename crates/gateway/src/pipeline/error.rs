//! Why an operation cannot be done the way it was asked for.

use api_types::Problem;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    #[error("the query does not answer with one number")]
    NotACount,
    #[error("both a table and a query are to be counted")]
    AmbiguousCount,
    #[error("nothing is to be counted")]
    MissingCount,
    #[error("the driver is not known")]
    UnknownDriver,
    #[error("only one plain query without parameters is streamed")]
    NotStreamed,
    #[error("a stream has at most {limit} rows")]
    TooManyRows { limit: u64 },
    #[error("the reader went away")]
    ReaderLeft,
    #[error("operation {index} writes, and the transaction may only read")]
    WriteInReadOnly { index: usize },
}

impl OperationError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::NotACount => Problem::new(400, "invalid_count_query", "Invalid count query")
                .with_hint("Send one SELECT that answers with one number, or name a table."),
            Self::AmbiguousCount => Problem::new(400, "ambiguous_count", "Ambiguous request")
                .with_hint("Send either query or table_name."),
            Self::MissingCount => Problem::new(400, "missing_count_target", "Missing count target")
                .with_hint("Send query or table_name."),
            Self::UnknownDriver => Problem::new(400, "invalid_driver", "Invalid driver specified")
                .with_hint("Leave it out: the client decides it."),
            Self::NotStreamed => {
                let text = "Only one plain query without parameters can be answered as NDJSON";
                Problem::new(406, "not_streamable", text)
                    .with_hint("Ask for application/json, or for less.")
            }
            Self::TooManyRows { limit } => {
                let text = format!("There are more rows than the {limit} that one stream may have");
                Problem::new(413, "too_many_rows", text)
                    .with_detail("limit", *limit)
                    .with_hint("Ask for them in parts.")
            }
            // Only our own log sees this one.
            Self::ReaderLeft => Problem::new(499, "reader_left", "The reader went away"),
            Self::WriteInReadOnly { index } => {
                let text = "The transaction may only read, and one of its operations writes";
                Problem::new(400, "write_in_read_only", text).with_detail("operation", *index)
            }
        }
    }
}
