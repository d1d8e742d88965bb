//! When a call is repeated, and how long it waits before that.

use crate::{Error, draft::Draft, draft::Repeat};
use std::time::Duration;

/// How calls that met a passing failure are repeated: no connection, or 429, 502, 503 and 504.
///
/// Only what changes nothing is repeated by itself. A request that changes something is repeated
/// only when its caller gave it an idempotency key. No call is ever repeated past its timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Retry {
    attempts: u32,
    first_pause: Duration,
    longest_pause: Duration,
}

impl Default for Retry {
    /// Three attempts, with about a tenth and two tenths of a second between them.
    fn default() -> Self {
        Self {
            attempts: 3,
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(2),
        }
    }
}

impl Retry {
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// How often a call is sent at most, the first time included.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The pause before the second attempt, and the longest one. It doubles in between, and each
    /// is shortened by chance so that many callers do not come back together.
    pub fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.first_pause = first;
        self.longest_pause = longest;
        self
    }

    /// How long to wait before another attempt; `None` when there shall be none.
    pub(crate) fn pause(&self, draft: &Draft, error: &Error, made: u32) -> Option<Duration> {
        let may_repeat = match draft.repeat {
            Repeat::Freely => true,
            Repeat::WithKey => draft.options.idempotency_key.is_some(),
        };
        if !may_repeat || made >= self.attempts || !error.is_passing() {
            return None;
        }
        let own = self.by_chance(made);
        let asked = error.refusal().and_then(|refusal| refusal.retry_after);
        // Never earlier than asked, and not all at the same moment.
        Some(asked.map_or(own, |asked| asked.saturating_add(own)))
    }

    fn by_chance(&self, made: u32) -> Duration {
        let doubled = self.first_pause.saturating_mul(1 << (made - 1).min(16));
        let whole = doubled.min(self.longest_pause);
        whole.mul_f64(rand::random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_are_shortened_by_at_most_half() {
        let retry = Retry::default().pauses(Duration::from_millis(100), Duration::from_millis(300));
        for (made, whole) in [(1, 100), (2, 200), (3, 300), (40, 300)] {
            for _ in 0..100 {
                let pause = retry.by_chance(made);
                assert!(pause <= Duration::from_millis(whole), "{made}: {pause:?}");
                assert!(pause >= Duration::from_millis(whole / 2), "{made}: {pause:?}");
            }
        }
    }
}
