//! The first level: entries in this process, weighed in bytes.

use crate::{
    answer::Entry, generations::Stamp, key::CacheKey, settings::CacheSettings, statistics::Counters,
};
use moka::{future::Cache, notification::RemovalCause};
use std::{sync::Arc, time::Duration};

#[derive(Clone)]
struct Kept {
    entry: Arc<Entry>,
    /// From before the entry's statement ran.
    stamp: Stamp,
}

pub(crate) struct Memory {
    kept: Cache<CacheKey, Kept>,
    ttl: Duration,
    entry_limit: u64,
    counters: Arc<Counters>,
}

impl Memory {
    pub(crate) fn new(settings: &CacheSettings, counters: Arc<Counters>) -> Self {
        let evictions = counters.clone();
        let kept = Cache::builder()
            .max_capacity(settings.capacity_bytes)
            // `keep` lets nothing in that weighs more than the entry limit, which fits in 32 bits.
            .weigher(|_, kept: &Kept| u32::try_from(kept.entry.weight()).unwrap_or(u32::MAX))
            .time_to_live(settings.ttl)
            .eviction_listener(move |_, _, cause| {
                if cause == RemovalCause::Size {
                    evictions.evictions.one();
                }
            })
            .build();
        Self { kept, ttl: settings.ttl, entry_limit: settings.entry_limit(), counters }
    }

    /// The entry, if it is young enough and nothing it read was written since.
    pub(crate) async fn get(&self, key: &CacheKey, now: Stamp) -> Option<Arc<Entry>> {
        let kept = self.kept.get(key).await?;
        if kept.stamp == now {
            // An entry from Redis was born before it came here, so moka's own clock runs late.
            return (kept.entry.age() < self.ttl).then_some(kept.entry);
        }
        self.counters.stale.one();
        self.kept.invalidate(key).await;
        None
    }

    pub(crate) async fn keep(&self, key: CacheKey, entry: &Entry, stamp: Stamp) {
        if entry.weight() > self.entry_limit {
            self.counters.too_big.one();
            return;
        }
        self.kept.insert(key, Kept { entry: Arc::new(entry.compact()), stamp }).await;
        self.counters.fills.one();
        // Done at once, so that a burst of fills does not go over the capacity.
        self.kept.run_pending_tasks().await;
    }

    /// Entries and bytes.
    pub(crate) fn size(&self) -> (u64, u64) {
        (self.kept.entry_count(), self.kept.weighted_size())
    }
}
