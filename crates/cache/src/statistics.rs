//! What happened in the cache, counted.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How a read came to its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The caller asked for no cache.
    Bypassed,
    HitLocal,
    HitRedis,
    Miss,
    MissAfterRedisError,
    MissAfterRedisTimeout,
}

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    Bypass,
    Local,
    Redis,
    Database,
}

impl Outcome {
    /// The word for headers and metrics.
    pub fn label(self) -> &'static str {
        match self {
            Self::Bypassed => "bypass_no_cache_header",
            Self::HitLocal => "hit_local",
            Self::HitRedis => "hit_redis",
            Self::Miss => "miss_all_tiers",
            Self::MissAfterRedisError => "miss_after_redis_get_error",
            Self::MissAfterRedisTimeout => "miss_after_redis_get_timeout",
        }
    }

    pub fn source(self) -> Source {
        match self {
            Self::Bypassed => Source::Bypass,
            Self::HitLocal => Source::Local,
            Self::HitRedis => Source::Redis,
            Self::Miss | Self::MissAfterRedisError | Self::MissAfterRedisTimeout => {
                Source::Database
            }
        }
    }
}

impl Source {
    pub fn label(self) -> &'static str {
        match self {
            Self::Bypass => "bypass",
            Self::Local => "local",
            Self::Redis => "redis",
            Self::Database => "database",
        }
    }
}

/// The second level as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedisState {
    /// Not configured.
    Off,
    /// Not reached yet, lost, or left alone for a moment after it was slow.
    Away,
    Up,
}

/// Counts since the start, and sizes now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statistics {
    pub hits_local: u64,
    pub hits_redis: u64,
    /// Work that had to be done.
    pub misses: u64,
    /// Reads that joined work somebody else had begun.
    pub joined: u64,
    pub bypassed: u64,
    /// Entries put into the first level.
    pub fills: u64,
    /// Answers not kept because they weigh too much.
    pub too_big: u64,
    /// Entries found, and answers made, that a write had overtaken.
    pub stale: u64,
    /// Entries pushed out for lack of room.
    pub evictions: u64,
    pub entries: u64,
    pub bytes: u64,
    pub redis: RedisState,
    pub redis_errors: u64,
    pub redis_timeouts: u64,
    /// Values in Redis that were not what we had written.
    pub redis_corrupt: u64,
    pub redis_stored: u64,
}

/// One counter of each.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) hits_local: Count,
    pub(crate) hits_redis: Count,
    pub(crate) misses: Count,
    pub(crate) joined: Count,
    pub(crate) bypassed: Count,
    pub(crate) fills: Count,
    pub(crate) too_big: Count,
    pub(crate) stale: Count,
    pub(crate) evictions: Count,
    pub(crate) redis_errors: Count,
    pub(crate) redis_timeouts: Count,
    pub(crate) redis_corrupt: Count,
    pub(crate) redis_stored: Count,
}

#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn one(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Counters {
    pub(crate) fn read(&self, (entries, bytes): (u64, u64), redis: RedisState) -> Statistics {
        Statistics {
            hits_local: self.hits_local.get(),
            hits_redis: self.hits_redis.get(),
            misses: self.misses.get(),
            joined: self.joined.get(),
            bypassed: self.bypassed.get(),
            fills: self.fills.get(),
            too_big: self.too_big.get(),
            stale: self.stale.get(),
            evictions: self.evictions.get(),
            entries,
            bytes,
            redis,
            redis_errors: self.redis_errors.get(),
            redis_timeouts: self.redis_timeouts.get(),
            redis_corrupt: self.redis_corrupt.get(),
            redis_stored: self.redis_stored.get(),
        }
    }
}
