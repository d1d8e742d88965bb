//! Why limits cannot be set or seen.

use api_types::Problem;
use store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum AdmissionError {
    #[error("{field} must be {expected}")]
    Field { field: String, expected: &'static str },
    #[error("{field} means nothing here")]
    UnknownField { field: String },
    #[error("limits are fixed: there is no store")]
    NoStore,
    #[error("the store cannot be asked about admission")]
    Store(#[from] StoreError),
}

impl AdmissionError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::Field { field, expected } => {
                Problem::new(400, "invalid_field", format!("{field} must be {expected}"))
                    .with_detail("field", field.as_str())
            }
            Self::UnknownField { field } => {
                Problem::new(400, "unknown_field", format!("The field '{field}' is not known"))
                    .with_detail("field", field.as_str())
            }
            Self::NoStore => {
                Problem::new(503, "store_not_configured", "The control store is not configured")
                    .with_hint("Set store.uri, or let Athena run its own PostgreSQL.")
            }
            Self::Store(_) => {
                Problem::new(503, "admission_store_unavailable", "Admission store unavailable")
                    .with_hint("The limits that were read last stay in force; try again shortly.")
            }
        }
    }
}
