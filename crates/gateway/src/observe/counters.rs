//! How much was done since start, for `/health`.

use super::{Observation, Sink};
use std::sync::atomic::{AtomicU64, Ordering};

/// Running totals.
#[derive(Debug, Default)]
pub struct Counters {
    requests: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    rows: AtomicU64,
}

/// The totals at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub requests: u64,
    /// Answered with a 4xx.
    pub refused: u64,
    /// Answered with a 5xx.
    pub failed: u64,
    pub rows: u64,
}

impl Counters {
    pub fn totals(&self) -> Totals {
        Totals {
            requests: self.requests.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            rows: self.rows.load(Ordering::Relaxed),
        }
    }
}

impl Sink for Counters {
    fn observe(&self, observation: &Observation<'_>) {
        let Observation::Request(seen) = observation;
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.rows.fetch_add(seen.rows, Ordering::Relaxed);
        match seen.status {
            400..=499 => self.refused.fetch_add(1, Ordering::Relaxed),
            500.. => self.failed.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
    }
}
