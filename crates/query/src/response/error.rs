//! Rows that cannot be put into an envelope.

use crate::post::PostError;
use api_types::Problem;

#[derive(Debug, thiserror::Error)]
pub enum ResponseError {
    #[error("the backend wrote no JSON array")]
    NoRows,
    #[error("the row cannot be read")]
    UnreadableRow(#[source] serde_json::Error),
    #[error(transparent)]
    Grouping(#[from] PostError),
}

impl ResponseError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::Grouping(error @ (PostError::NotANumber { .. } | PostError::NotATime { .. })) => {
                let text = format!("Post-processing failure: {error}");
                Problem::new(400, "post_processing_failed", text)
            }
            Self::Grouping(PostError::UnreadableRows(_))
            | Self::NoRows
            | Self::UnreadableRow(_) => Problem::new(
                500,
                "internal_error",
                "The database's answer could not be put into words",
            ),
        }
    }
}
