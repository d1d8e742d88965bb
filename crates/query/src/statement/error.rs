//! A plan that a backend's language cannot say.

use api_types::Problem;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    #[error("{count} values are more than a statement carries")]
    TooManyValues { count: usize, limit: usize },
    #[error("the plan has no columns to answer")]
    NoColumns,
    #[error("the value for column {column} is not {expected}")]
    UnfitValue { column: String, expected: &'static str },
    #[error("this backend does not support {what}")]
    NotSupported { what: &'static str },
}

impl RenderError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::TooManyValues { count, limit } => {
                let text = format!("{count} values are more than one statement carries: {limit}");
                Problem::new(413, "too_many_values", text)
                    .with_detail("values", *count)
                    .with_detail("limit", *limit)
                    .with_hint("Send fewer rows at once.")
            }
            Self::NotSupported { what } => {
                let text = format!("This client's kind of database does not support {what}.");
                Problem::new(501, "not_supported_by_backend", text).with_detail("what", *what)
            }
            Self::NoColumns => Problem::new(400, "no_columns", "The table has no columns"),
            Self::UnfitValue { column, expected } => {
                let text = format!("The value for column '{column}' must be {expected}");
                Problem::new(400, "invalid_input", text).with_detail("column", column.as_str())
            }
        }
    }
}
