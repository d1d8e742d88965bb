//! What is written of requests, and how long it and the statistics are kept.

use crate::fields::Fields;
use std::time::Duration;

const DAY: u64 = 24 * 60 * 60;
/// Ten years: more is for ever.
const MOST_DAYS: u64 = 3_650;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logging {
    /// Whether requests are written down at all. They are counted with this alone.
    pub requests: bool,
    /// Whether operations are written down, and counted for the statistics of tables.
    pub operations: bool,
    /// Rows of requests that succeeded, in each second; failures are always written.
    pub requests_per_second: u32,
    /// The largest body that is kept; none when 0.
    pub body_bytes: usize,
    pub keep_operations: Duration,
    pub keep_requests: Duration,
    pub keep_authentication: Duration,
    pub keep_minutes: Duration,
}

#[derive(Default)]
pub(crate) struct RawLogging {
    requests: Option<bool>,
    writes_operations: Option<bool>,
    requests_per_second: Option<u32>,
    body_bytes: Option<u32>,
    operations: Option<u64>,
    requests_days: Option<u64>,
    authentication: Option<u64>,
    minutes: Option<u64>,
}

impl RawLogging {
    pub(crate) fn read(mut fields: Fields<'_, '_>) -> Self {
        let raw = Self {
            requests: fields.flag("requests"),
            writes_operations: fields.flag("operations"),
            requests_per_second: fields.small("requests_per_second", 0..=1_000_000),
            body_bytes: fields.small("body_bytes", 0..=1 << 20),
            operations: fields.number("keep_operations_days", 1..=MOST_DAYS),
            requests_days: fields.number("keep_requests_days", 1..=MOST_DAYS),
            authentication: fields.number("keep_authentication_days", 1..=MOST_DAYS),
            minutes: fields.number("keep_statistics_days", 1..=MOST_DAYS),
        };
        fields.finish();
        raw
    }

    pub(crate) fn resolve(self) -> Logging {
        let days = |days: Option<u64>, or: u64| Duration::from_secs(days.unwrap_or(or) * DAY);
        Logging {
            requests: self.requests.unwrap_or(true),
            operations: self.writes_operations.unwrap_or(true),
            requests_per_second: self.requests_per_second.unwrap_or(500),
            body_bytes: self.body_bytes.unwrap_or(0) as usize,
            keep_operations: days(self.operations, 30),
            keep_requests: days(self.requests_days, 30),
            keep_authentication: days(self.authentication, 30),
            keep_minutes: days(self.minutes, 90),
        }
    }
}
