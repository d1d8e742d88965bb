//! What became of rows that waited for others.

use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug, Clone, Copy)]
pub(super) enum Event {
    Bulk,
    Single,
    CountMismatch,
    SqlError,
    QueueFull,
}

#[derive(Default)]
pub(super) struct Events([AtomicU64; 5]);

/// How often what happened since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InsertWindowEvents {
    /// Statements that wrote several rows.
    pub flush_bulk: u64,
    /// Windows at whose end there was but one row.
    pub flush_single: u64,
    /// Statements that wrote other than the rows they were given.
    pub bulk_row_count_mismatch: u64,
    /// Statements that were refused, and whose rows were tried one by one.
    pub bulk_fallback_sql_error: u64,
    /// Rows that were written alone, because too many waited.
    pub fallback_queue_full: u64,
}

impl Events {
    pub(super) fn count(&self, event: Event) {
        self.0[event as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> InsertWindowEvents {
        let of = |event: Event| self.0[event as usize].load(Ordering::Relaxed);
        InsertWindowEvents {
            flush_bulk: of(Event::Bulk),
            flush_single: of(Event::Single),
            bulk_row_count_mismatch: of(Event::CountMismatch),
            bulk_fallback_sql_error: of(Event::SqlError),
            fallback_queue_full: of(Event::QueueFull),
        }
    }
}
