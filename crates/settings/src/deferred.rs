//! Requests that are done later.

use crate::{Environment, Mistake, fields::Fields};
use std::time::Duration;

const DAY: u64 = 86_400;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferred {
    /// Requests that this process does at once; 0 leaves them to others.
    pub workers: usize,
    /// Of those, for one client.
    pub workers_per_client: usize,
    /// Requests of one client that wait or run.
    pub queue_limit: u64,
    pub max_attempts: u32,
    pub poll: Duration,
    /// How long a process that is gone keeps what it had begun.
    pub lease: Duration,
    pub body_limit: usize,
    pub result_limit: usize,
    pub keep_completed: Duration,
    pub keep_dead: Duration,
}

#[derive(Default)]
pub(crate) struct RawDeferred {
    enabled: Option<bool>,
    workers: Option<u32>,
    workers_per_client: Option<u32>,
    queue_limit: Option<u64>,
    max_attempts: Option<u32>,
    poll_ms: Option<u64>,
    lease: Option<Duration>,
    body_limit: Option<u64>,
    result_limit: Option<u64>,
    keep_completed_days: Option<u64>,
    keep_dead_days: Option<u64>,
}

impl RawDeferred {
    pub(crate) fn read(mut fields: Fields<'_, '_>) -> Self {
        let raw = Self {
            enabled: None,
            workers: fields.small("workers", 0..=1_000),
            workers_per_client: fields.small("workers_per_client", 1..=1_000),
            queue_limit: fields.number("queue_limit", 1..=10_000_000),
            max_attempts: fields.small("max_attempts", 1..=100),
            poll_ms: fields.number("poll_ms", 100..=60_000),
            lease: fields.seconds("lease_secs", 2..=3_600),
            body_limit: fields.number("body_limit_bytes", 1_024..=1 << 30),
            result_limit: fields.number("result_limit_bytes", 0..=1 << 28),
            keep_completed_days: fields.number("keep_completed_days", 1..=3_650),
            keep_dead_days: fields.number("keep_dead_letter_days", 1..=3_650),
        };
        fields.finish();
        raw
    }

    /// The contract's older places for the same.
    pub(crate) fn read_older(gateway: &mut Fields<'_, '_>) -> Self {
        Self {
            enabled: gateway.flag("deferred_query_worker_enabled"),
            poll_ms: gateway.number("deferred_query_worker_poll_ms", 100..=60_000),
            ..Self::default()
        }
    }

    pub(crate) fn resolve(
        self,
        older: Self,
        environment: &Environment,
        mistakes: &mut Vec<Mistake>,
    ) -> Deferred {
        let name = "ATHENA_DEFERRED_MAX_ATTEMPTS";
        let said = environment.get(name).map(|text| text.parse().ok());
        let said = said.map(|number: Option<u32>| number.filter(|n| (1..=100).contains(n)));
        if said == Some(None) {
            mistakes.push(Mistake::new(format!("{name} must be a number from 1 to 100")));
        }
        let workers = if older.enabled == Some(false) { Some(0) } else { self.workers };
        let bytes = |bytes: Option<u64>| usize::try_from(bytes.unwrap_or(1 << 20));
        let days = |days: Option<u64>, default| Duration::from_secs(days.unwrap_or(default) * DAY);
        Deferred {
            workers: workers.unwrap_or(8) as usize,
            workers_per_client: self.workers_per_client.unwrap_or(4) as usize,
            queue_limit: self.queue_limit.unwrap_or(10_000),
            max_attempts: said.flatten().or(self.max_attempts).unwrap_or(3),
            poll: Duration::from_millis(self.poll_ms.or(older.poll_ms).unwrap_or(1_000)),
            lease: self.lease.unwrap_or(Duration::from_secs(15)),
            body_limit: bytes(self.body_limit).unwrap_or(usize::MAX),
            result_limit: bytes(self.result_limit).unwrap_or(usize::MAX),
            keep_completed: days(self.keep_completed_days, 7),
            keep_dead: days(self.keep_dead_days, 30),
        }
    }
}
