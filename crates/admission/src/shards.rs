//! Many buckets by name, each found without waiting for those who look for others.

use crate::bucket::{Bucket, Rate, Refused, Taken};
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

const SHARDS: usize = 64;
/// Buckets of one shard. When all are in use, whoever is new shares one.
const MOST: usize = 1_024;
/// The least time between two looks for buckets that are not in use.
const SWEEP: u64 = 100_000_000;

#[derive(Debug)]
pub(crate) struct Shards {
    /// Random for each process: nobody can choose names that share a place.
    hasher: RandomState,
    shards: [Shard; SHARDS],
}

#[derive(Debug, Default)]
struct Shard {
    buckets: RwLock<HashMap<u64, Bucket>>,
    shared: Bucket,
    next_sweep: AtomicU64,
}

impl Default for Shards {
    fn default() -> Self {
        Self { hasher: RandomState::new(), shards: std::array::from_fn(|_| Shard::default()) }
    }
}

impl Shards {
    pub(crate) fn take(&self, name: &str, rate: Rate, now: u64) -> Result<Taken, Refused> {
        self.with(name, now, |bucket| bucket.take(rate, now))
    }

    pub(crate) fn put_back(&self, name: &str, rate: Rate, now: u64) {
        self.with(name, now, |bucket| bucket.put_back(rate));
    }

    /// How many names are remembered.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().len()).sum()
    }

    fn with<T>(&self, name: &str, now: u64, work: impl FnOnce(&Bucket) -> T) -> T {
        let hash = self.hasher.hash_one(name);
        let shard = &self.shards[(hash % SHARDS as u64) as usize];
        let buckets = shard.read();
        if let Some(bucket) = buckets.get(&hash) {
            return work(bucket);
        }
        drop(buckets);
        shard.with_new(hash, now, work)
    }
}

impl Shard {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, HashMap<u64, Bucket>> {
        // Nothing under this lock can panic halfway through a change.
        self.buckets.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_new<T>(&self, hash: u64, now: u64, work: impl FnOnce(&Bucket) -> T) -> T {
        let mut buckets = self.buckets.write().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST && !buckets.contains_key(&hash) {
            self.sweep(&mut buckets, now);
            if buckets.len() >= MOST {
                return work(&self.shared);
            }
        }
        work(buckets.entry(hash).or_default())
    }

    fn sweep(&self, buckets: &mut HashMap<u64, Bucket>, now: u64) {
        if now < self.next_sweep.load(Ordering::Relaxed) {
            return;
        }
        self.next_sweep.store(now.saturating_add(SWEEP), Ordering::Relaxed);
        buckets.retain(|_, bucket| !bucket.is_full(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_flood_of_names_fills_no_memory_and_is_limited_together() {
        let shards = Shards::default();
        let rate = Rate::new(1, Duration::from_secs(1)).unwrap();
        let names = SHARDS * MOST * 2;
        let taken = (0..names).filter(|name| shards.take(&name.to_string(), rate, 1).is_ok());
        let taken = taken.count();
        assert!(shards.len() <= SHARDS * MOST, "{}", shards.len());
        assert!(taken <= SHARDS * (MOST + 1), "{taken}");
        // A window later all that was remembered is forgotten again, when room is needed.
        let later = 1 + 1_000_000_000;
        assert!(shards.take("somebody new", rate, later).is_ok());
    }
}
