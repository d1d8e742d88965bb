//! API keys: make, list, deactivate.

use api_types::Problem;

#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("there is no store to keep keys in")]
    NoStore,
}

impl KeysError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::NoStore => {
                Problem::new(503, "auth_store_unavailable", "API key store is not configured")
            }
        }
    }
}
