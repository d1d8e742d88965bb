//! Why a document cannot be one.

use api_types::Problem;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TuningError {
    #[error("{path} is no setting of a client")]
    Unknown { path: String },
    #[error("{path} must be {expected}")]
    Invalid { path: String, expected: String },
    #[error("{path} is set elsewhere")]
    Elsewhere { path: String, hint: &'static str },
}

impl TuningError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::Unknown { path } => {
                let text = format!("'{path}' is no setting of a client");
                Problem::new(400, "unknown_field", text).with_detail("field", path.as_str())
            }
            Self::Invalid { path, expected } => {
                Problem::new(400, "invalid_field", format!("{path} must be {expected}"))
                    .with_detail("field", path.as_str())
            }
            Self::Elsewhere { path, hint } => {
                let text = format!("{path} is not set here");
                Problem::new(400, "not_supported", text)
                    .with_detail("field", path.as_str())
                    .with_hint(*hint)
            }
        }
    }
}
