//! How much is put off, how it is tried, and how long it is kept.

use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeferredSettings {
    /// Requests that this node does at once; 0 leaves them to others.
    pub workers: usize,
    /// Of those, for one client.
    pub per_client: usize,
    /// Requests of one client that are not done yet; more are refused.
    pub queue_limit: u64,
    pub max_attempts: u32,
    /// How often to look without being told.
    pub poll: Duration,
    /// How long a node that says nothing keeps what it has begun.
    pub lease: Duration,
    /// The largest body that is put off.
    pub body_limit: usize,
    /// A larger answer is not kept.
    pub result_limit: usize,
    pub keep_completed: Duration,
    pub keep_dead: Duration,
    /// How long requests under way may take after we were told to stop.
    pub drain: Duration,
}

impl Default for DeferredSettings {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self {
            workers: 8,
            per_client: 4,
            queue_limit: 10_000,
            max_attempts: 3,
            poll: Duration::from_secs(1),
            lease: Duration::from_secs(15),
            body_limit: 1 << 20,
            result_limit: 1 << 20,
            keep_completed: 7 * DAY,
            keep_dead: 30 * DAY,
            drain: Duration::from_secs(8),
        }
    }
}

/// Before the attempt after this many: 1 s, 2 s, 4 s, …, at most five minutes.
pub(super) fn backoff(attempts: u32) -> Duration {
    const LONGEST: u64 = 300;
    let doubled = attempts.saturating_sub(1).min(16);
    Duration::from_secs((1_u64 << doubled).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end_at_five_minutes() {
        let pauses: Vec<u64> = (1..=11).map(|attempts| backoff(attempts).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(backoff(u32::MAX).as_secs(), 300);
    }
}
