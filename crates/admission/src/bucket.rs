//! One bucket, kept as the moment at which it will be full again.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// So many requests in a window, evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    limit: u64,
    /// Nanoseconds for one request, rounded up: never more than the limit.
    interval: u64,
}

impl Rate {
    /// `None` when there is no limit.
    pub fn new(limit: u64, window: Duration) -> Option<Self> {
        let window = u64::try_from(window.as_nanos()).unwrap_or(u64::MAX).max(1);
        // More than one in a nanosecond is no limit.
        (1..=window).contains(&limit).then(|| Self { limit, interval: window.div_ceil(limit) })
    }

    pub fn limit(self) -> u64 {
        self.limit
    }

    /// Nanoseconds for one request.
    pub fn interval(self) -> u64 {
        self.interval
    }

    /// What a full bucket is worth.
    fn depth(self) -> u64 {
        self.interval.saturating_mul(self.limit)
    }

    /// What is left in a bucket that is full again after `filling`.
    pub fn taken(self, filling: Duration) -> Taken {
        let nanos = u64::try_from(filling.as_nanos()).unwrap_or(u64::MAX);
        let remaining = self.depth().saturating_sub(nanos) / self.interval;
        Taken { limit: self.limit, remaining, full_after: filling }
    }
}

/// A bucket after a request was taken from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    pub limit: u64,
    pub remaining: u64,
    pub full_after: Duration,
}

/// It was empty; after this time there is one request in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    pub wait: Duration,
}

/// Moments are nanoseconds since some beginning.
#[derive(Debug, Default)]
pub struct Bucket {
    full_at: AtomicU64,
}

impl Bucket {
    /// Take one request.
    pub fn take(&self, rate: Rate, now: u64) -> Result<Taken, Refused> {
        let mut seen = self.full_at.load(Ordering::Relaxed);
        loop {
            let full_at = seen.max(now).saturating_add(rate.interval);
            let filling = full_at - now;
            if filling > rate.depth() {
                return Err(Refused { wait: Duration::from_nanos(filling - rate.depth()) });
            }
            let changed = self.full_at.compare_exchange_weak(
                seen,
                full_at,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
            match changed {
                Ok(_) => return Ok(rate.taken(Duration::from_nanos(filling))),
                Err(other) => seen = other,
            }
        }
    }

    /// Put one back that was not used.
    pub fn put_back(&self, rate: Rate) {
        // Cannot fail: it always has a next value.
        let _ = self.full_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full_at| {
            Some(full_at.saturating_sub(rate.interval))
        });
    }

    /// Nothing is remembered of it that a new one would not have.
    pub(crate) fn is_full(&self, now: u64) -> bool {
        self.full_at.load(Ordering::Relaxed) <= now
    }
}
