//! How busy the sessions of a database are.

use serde::Serialize;

/// The sessions of one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PoolReport {
    /// What they are for: `reads` or `writes`.
    pub name: &'static str,
    /// The most there may be.
    pub limit: u32,
    pub in_use: u32,
    /// Open, and waiting for work.
    pub idle: u32,
    /// Requests that wait for one.
    pub waiting: u32,
}
