//! Why a script is not run, in words that never quote it.

use api_types::Problem;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    #[error("the query is empty")]
    Empty,
    #[error("a {what} is opened at character {at} and never closed")]
    Unclosed { what: &'static str, at: usize },
    #[error("the script has more than {limit} statements")]
    TooManyStatements { limit: usize },
    #[error("the script is longer than {limit} bytes")]
    TooLong { limit: usize },
    #[error("{word} is not run from here")]
    NotRun { word: &'static str, why: &'static str },
    #[error("{word} changes something, and this key may only read")]
    ReadOnly { word: String },
    #[error("parameters were given for a script of several statements")]
    ParametersForScript,
    #[error("the query holds a NUL character")]
    Nul,
}

impl SqlError {
    pub fn problem(&self) -> Problem {
        let text = self.to_string();
        match self {
            Self::Empty => {
                Problem::new(400, "invalid_query_text", "Invalid query").with_detail("reason", text)
            }
            Self::Unclosed { at, .. } => {
                Problem::new(400, "invalid_query_text", text).with_detail("position", *at)
            }
            Self::TooManyStatements { limit } | Self::TooLong { limit } => {
                Problem::new(413, "query_too_large", text).with_detail("limit", *limit)
            }
            Self::NotRun { why, .. } => {
                Problem::new(400, "statement_not_supported", text).with_hint(*why)
            }
            Self::ReadOnly { .. } => Problem::new(403, "read_only_query", text)
                .with_hint("Use a key with the right gateway.write."),
            Self::ParametersForScript => Problem::new(400, "invalid_parameters", text)
                .with_hint("Send one statement with its parameters at a time."),
            Self::Nul => Problem::new(400, "invalid_query_text", text),
        }
    }
}
