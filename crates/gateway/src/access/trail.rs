//! Uses of keys, on their way to the store's log.

use auth::{Pepper, Peppers, PresentedKey};
use store::{AuthLog, AuthRow};

/// Which uses of keys are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    All,
    Refusals,
}

/// Where uses of keys are written down. Cheap to clone.
#[derive(Clone)]
pub struct AuthTrail {
    log: AuthLog,
    pepper: Pepper,
    kept: Kept,
}

impl AuthTrail {
    pub fn new(log: AuthLog, peppers: &Peppers, kept: Kept) -> Self {
        Self { log, pepper: peppers.current().clone(), kept }
    }

    /// Whether such a use is written down at all.
    pub fn keeps(&self, authorized: bool) -> bool {
        self.kept == Kept::All || !authorized
    }

    /// It never waits: what does not fit is dropped and counted.
    pub fn record(&self, row: AuthRow) {
        if self.keeps(row.authorized) {
            self.log.record(row);
        }
    }

    /// Tells whether the same text was shown before, and nothing else of it.
    pub fn digest(&self, presented: &PresentedKey) -> Option<String> {
        presented.digest(&self.pepper)
    }

    /// Uses that were never written.
    pub fn dropped(&self) -> u64 {
        self.log.dropped()
    }
}
