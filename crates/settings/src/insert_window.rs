//! Inserts that wait a moment, so that one statement writes several of them.

use crate::fields::Fields;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsertWindow {
    /// How long an insert waits that does not say so itself; none waits when zero.
    pub length: Duration,
    pub max_batch: usize,
    pub max_queued: usize,
    /// Tables whose rows are written alone.
    pub deny_tables: Vec<String>,
}

#[derive(Default)]
pub(crate) struct RawInsertWindow {
    length_ms: Option<u64>,
    max_batch: Option<u32>,
    max_queued: Option<u32>,
    deny_tables: Option<Vec<String>>,
}

impl RawInsertWindow {
    pub(crate) fn read(gateway: &mut Fields<'_, '_>) -> Self {
        Self {
            length_ms: gateway.number("insert_execution_window_ms", 0..=60_000),
            max_batch: gateway.small("insert_window_max_batch", 1..=10_000),
            max_queued: gateway.small("insert_window_max_queued", 1..=1_000_000),
            deny_tables: gateway.texts("insert_merge_deny_tables"),
        }
    }

    pub(crate) fn resolve(self) -> InsertWindow {
        InsertWindow {
            length: Duration::from_millis(self.length_ms.unwrap_or(0)),
            max_batch: self.max_batch.unwrap_or(100) as usize,
            max_queued: self.max_queued.unwrap_or(10_000) as usize,
            deny_tables: self.deny_tables.unwrap_or_default(),
        }
    }
}
