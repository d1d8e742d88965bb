//! Durations in fixed buckets, and plain sums. Adding to them is a few atomic additions.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Upper bounds in seconds; one more bucket holds what is longer.
pub const BOUNDS: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0];

/// The same in nanoseconds.
const NANOS: [u64; 15] = [
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    10_000_000_000,
    20_000_000_000,
    30_000_000_000,
];

/// How long things took.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    nanos: AtomicU64,
}

impl Histogram {
    pub fn observe(&self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let place = NANOS.partition_point(|bound| *bound < nanos);
        self.buckets[place].fetch_add(1, Relaxed);
        self.nanos.fetch_add(nanos, Relaxed);
    }

    pub fn read(&self) -> Distribution {
        let bounds = BOUNDS.into_iter().chain([f64::INFINITY]);
        let counts = self.buckets.iter().map(|count| count.load(Relaxed));
        Distribution {
            sum: self.nanos.load(Relaxed) as f64 / 1e9,
            buckets: bounds.zip(counts).collect(),
        }
    }
}

/// How much there was, and how often.
#[derive(Debug, Default)]
pub struct Sum {
    count: AtomicU64,
    sum: AtomicU64,
}

impl Sum {
    pub fn add(&self, amount: u64) {
        self.count.fetch_add(1, Relaxed);
        self.sum.fetch_add(amount, Relaxed);
    }

    pub fn read(&self) -> Distribution {
        Distribution::sum_of(self.sum.load(Relaxed) as f64, self.count.load(Relaxed))
    }
}

/// What was counted, at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Distribution {
    pub(crate) sum: f64,
    /// Upper bounds, and how many are in each bucket alone.
    pub(crate) buckets: Vec<(f64, u64)>,
}

impl Distribution {
    /// A sum and a count, with one bucket for everything.
    pub fn sum_of(sum: f64, count: u64) -> Self {
        Self { sum, buckets: vec![(f64::INFINITY, count)] }
    }

    /// Without its buckets.
    #[must_use]
    pub fn as_sum(&self) -> Self {
        Self::sum_of(self.sum, self.count())
    }

    /// Of the buckets that are shown, so that the two never differ.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| count).sum()
    }

    /// Both together; they have the same buckets, or one has none.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        if self.buckets.is_empty() {
            return other.clone();
        }
        self.sum += other.sum;
        for ((_, mine), (_, theirs)) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_the_same_in_both_units_and_belong_to_their_bucket() {
        for (place, (seconds, nanos)) in BOUNDS.into_iter().zip(NANOS).enumerate() {
            assert_eq!((seconds * 1e9).round() as u64, nanos);
            let histogram = Histogram::default();
            histogram.observe(Duration::from_nanos(nanos));
            histogram.observe(Duration::from_nanos(nanos + 1));
            let read = histogram.read();
            assert_eq!(read.buckets[place], (seconds, 1));
            assert_eq!(read.buckets[place + 1].1, 1);
            assert_eq!(read.count(), 2);
        }
    }

    #[test]
    fn distributions_are_added_bucket_by_bucket() {
        let (a, b) = (Histogram::default(), Histogram::default());
        a.observe(Duration::from_millis(2));
        b.observe(Duration::from_millis(2));
        b.observe(Duration::from_secs(60));
        let both = Distribution::default().plus(&a.read()).plus(&b.read());
        assert_eq!(both.buckets[1], (0.0025, 2));
        assert_eq!(both.buckets[15], (f64::INFINITY, 1));
        assert!((both.sum - 60.004).abs() < 1e-9);
        assert_eq!(both.as_sum(), Distribution::sum_of(both.sum, 3));
    }
}
