//! Requests that are done later: filed, claimed under a lease, finished, and forgotten in time.

mod file;
mod look;
mod settle;
mod work;

pub use file::{Filing, NewDeferred};
pub use look::{DeferredCounts, DeferredFilter, DeferredResult, DeferredRow};
pub use settle::DeferredEnd;
pub use work::DeferredJob;

/// How far a deferred request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeferredStatus {
    Queued,
    Running,
    Completed,
    /// Given up.
    DeadLetter,
    Cancelled,
}

impl DeferredStatus {
    pub const ALL: [Self; 5] =
        [Self::Queued, Self::Running, Self::Completed, Self::DeadLetter, Self::Cancelled];

    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::DeadLetter => "dead_letter",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

/// A column that only this program writes.
fn status(word: &str) -> DeferredStatus {
    DeferredStatus::parse(word).unwrap_or(DeferredStatus::Running)
}

/// Microseconds, for intervals that are bound.
fn micros(span: std::time::Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}
