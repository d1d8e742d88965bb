//! Counts of what happened to deferred requests, for metrics.

use super::payload::Kind;
use std::sync::atomic::{AtomicU64, Ordering};

/// Something that happens to a deferred request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    Queued,
    Running,
    Completed,
    RetryScheduled,
    DeadLetter,
    Requeued,
    Cancelled,
}

impl EventKind {
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Running,
        Self::Completed,
        Self::RetryScheduled,
        Self::DeadLetter,
        Self::Requeued,
        Self::Cancelled,
    ];

    /// The word of the metric; a dead letter also counts as `failed`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::RetryScheduled => "retry_scheduled",
            Self::DeadLetter => "dead_letter",
            Self::Requeued => "requeued",
            Self::Cancelled => "cancelled",
        }
    }
}

#[derive(Debug, Default)]
pub struct DeferredEvents {
    counts: [[AtomicU64; EventKind::ALL.len()]; Kind::ALL.len()],
}

impl DeferredEvents {
    pub(super) fn count(&self, kind: Kind, event: EventKind) {
        self.counts[kind as usize][event as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Since the start of this process.
    pub fn of(&self, kind: Kind, event: EventKind) -> u64 {
        self.counts[kind as usize][event as usize].load(Ordering::Relaxed)
    }
}
