//! Which inserts wait for others, how long, and how many of them.

use catalog::QualifiedName;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsertWindowSettings {
    /// How long an insert waits for others that does not say so itself; none waits when zero.
    pub length: Duration,
    /// So many rows are written without waiting longer.
    pub max_batch: usize,
    /// So many rows wait; those that come then are written alone.
    pub max_queued: usize,
    /// Tables whose rows are written alone, with or without their schema.
    pub apart: Vec<String>,
}

impl Default for InsertWindowSettings {
    fn default() -> Self {
        Self { length: Duration::ZERO, max_batch: 100, max_queued: 10_000, apart: Vec::new() }
    }
}

impl InsertWindowSettings {
    pub(super) fn window(&self) -> Option<Duration> {
        (!self.length.is_zero()).then_some(self.length)
    }

    pub(super) fn sets_apart(&self, table: &QualifiedName) -> bool {
        let is_meant = |name: &String| match name.split_once('.') {
            Some((schema, name)) => {
                table.schema.as_str() == schema.trim() && table.name.as_str() == name.trim()
            }
            None => table.name.as_str() == name.trim(),
        };
        self.apart.iter().any(is_meant)
    }
}
