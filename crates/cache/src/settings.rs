//! How much is kept, for how long, and how long Redis may take.

use std::time::Duration;

/// The cache's settings, resolved.
#[derive(Clone)]
pub struct CacheSettings {
    /// All that this process keeps, in bytes. Nothing is kept at 0; misses still share their work.
    pub capacity_bytes: u64,
    /// An answer that weighs more is not kept, nor one that would fill an eighth of the capacity.
    pub entry_max_bytes: u64,
    /// The age at which an answer is made anew, in either level.
    pub ttl: Duration,
    /// `redis://…`; it may hold a password, so settings have no `Debug`. None: one level only.
    pub redis_url: Option<String>,
    /// What this installation's keys in Redis begin with.
    pub redis_prefix: String,
    /// The longest anybody waits for Redis.
    pub redis_budget: Duration,
    /// How long Redis is left alone after it failed to answer in time.
    pub redis_cooldown: Duration,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self {
            capacity_bytes: 64 << 20,
            entry_max_bytes: 256 << 10,
            ttl: Duration::from_secs(240),
            redis_url: None,
            redis_prefix: "athena".to_owned(),
            redis_budget: Duration::from_millis(5),
            redis_cooldown: Duration::from_secs(1),
        }
    }
}

impl CacheSettings {
    /// The weight up to which an answer is kept.
    pub(crate) fn entry_limit(&self) -> u64 {
        // One answer must not push everything else out; and weights are counted in 32 bits.
        self.entry_max_bytes.min(self.capacity_bytes / 8).min(u64::from(u32::MAX))
    }
}
