//! A plan that a backend's language cannot say.

use api_types::Problem;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    #[error("{count} values are more than a statement carries")]
    TooManyValues { count: usize, limit: usize },
    #[error("the plan has no columns to answer")]
    NoColumns,
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
            Self::NoColumns => Problem::new(400, "no_columns", "The table has no columns"),
        }
    }
}
