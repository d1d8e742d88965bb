//! Rows that cannot be put into an envelope.

use api_types::Problem;

#[derive(Debug, thiserror::Error)]
pub enum ResponseError {
    #[error("the backend wrote no JSON array")]
    NoRows,
    #[error("the row cannot be read")]
    UnreadableRow(#[source] serde_json::Error),
}

impl ResponseError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::NoRows | Self::UnreadableRow(_) => Problem::new(
                500,
                "internal_error",
                "The database's answer could not be put into words",
            ),
        }
    }
}
