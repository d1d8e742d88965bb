//! How patient the gateway is with databases that fail, and how much it lets wait.

use crate::fields::Fields;
use std::time::Duration;

/// What holds for every client's database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    /// How often a read is tried again after a transient error.
    pub read_retries: u32,
    pub first_backoff: Duration,
    /// So many failures in a row, within the window, and the database is left alone.
    pub breaker_failures: u32,
    pub breaker_window: Duration,
    pub breaker_pause: Duration,
    /// Requests before one database or waiting for it.
    pub max_waiting: usize,
}

#[derive(Default)]
pub(crate) struct RawPatience {
    read_retries: Option<u32>,
    first_backoff_ms: Option<u64>,
    breaker_failures: Option<u32>,
    breaker_window: Option<Duration>,
    breaker_pause: Option<Duration>,
    max_waiting: Option<u32>,
}

impl RawPatience {
    pub(crate) fn read(gateway: &mut Fields<'_, '_>) -> Self {
        Self {
            read_retries: gateway.small("resilience_read_max_retries", 0..=10),
            first_backoff_ms: gateway.number("resilience_initial_backoff_ms", 1..=60_000),
            breaker_failures: gateway.small("breaker_failures", 1..=1_000_000),
            breaker_window: gateway.seconds("breaker_window_secs", 1..=86_400),
            breaker_pause: gateway.seconds("breaker_pause_secs", 1..=86_400),
            max_waiting: gateway.small("max_waiting", 1..=1_000_000),
        }
    }

    pub(crate) fn resolve(self) -> Patience {
        Patience {
            read_retries: self.read_retries.unwrap_or(1),
            first_backoff: Duration::from_millis(self.first_backoff_ms.unwrap_or(100)),
            breaker_failures: self.breaker_failures.unwrap_or(5),
            breaker_window: self.breaker_window.unwrap_or(Duration::from_secs(10)),
            breaker_pause: self.breaker_pause.unwrap_or(Duration::from_secs(5)),
            max_waiting: self.max_waiting.unwrap_or(1_000) as usize,
        }
    }
}
