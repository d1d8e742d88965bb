//! What a mismatch means for a client, and which of its schemas are seen.

use serde::{Deserialize, Serialize};

/// What happens when a database is not what was imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnMismatch {
    Ignore,
    Warn,
    Fail,
}

impl OnMismatch {
    /// A client that is only looked at never keeps the program from starting.
    pub fn for_validate_only(self) -> Self {
        self.min(Self::Warn)
    }
}

/// Whether a schema is seen; without a list, all are.
pub fn allows(allowed: Option<&[String]>, schema: &str) -> bool {
    allowed.is_none_or(|allowed| allowed.iter().any(|one| one == schema))
}
