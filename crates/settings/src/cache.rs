//! Answers that are kept: how much, for how long, and where else.

use crate::{Environment, Mistake, Secret, fields::Fields, resolve::expanded};
use std::time::Duration;

/// Answers that are kept, in memory and in Redis.
pub struct Cache {
    pub enabled: bool,
    /// All that is kept in memory.
    pub max_bytes: u64,
    /// A larger answer is not kept.
    pub entry_max_bytes: u64,
    pub ttl: Duration,
    /// May hold a password.
    pub redis_url: Option<Secret>,
    /// What our keys in Redis begin with.
    pub redis_prefix: String,
    /// The longest anybody waits for Redis.
    pub redis_budget: Duration,
    /// How long Redis is left alone after it was slow.
    pub redis_cooldown: Duration,
}

#[derive(Default)]
pub(crate) struct RawCache {
    enabled: Option<bool>,
    max_bytes: Option<u64>,
    entry_max_bytes: Option<u64>,
    ttl: Option<Duration>,
    redis_url: Option<Secret>,
    redis_prefix: Option<String>,
    redis_budget_ms: Option<u64>,
    redis_cooldown_ms: Option<u64>,
}

impl RawCache {
    pub(crate) fn read(mut fields: Fields<'_, '_>) -> Self {
        let raw = Self {
            enabled: fields.flag("enabled"),
            max_bytes: fields.number("max_bytes", 0..=1 << 40),
            entry_max_bytes: fields.number("entry_max_bytes", 0..=1 << 32),
            ttl: fields.seconds("ttl_seconds", 1..=86_400),
            redis_url: fields.secret("redis_url"),
            redis_prefix: fields.text("redis_prefix"),
            redis_budget_ms: fields.number("redis_timeout_ms", 1..=10_000),
            redis_cooldown_ms: fields.number("redis_cooldown_ms", 1..=600_000),
        };
        fields.finish();
        raw
    }

    pub(crate) fn resolve(self, environment: &Environment, mistakes: &mut Vec<Mistake>) -> Cache {
        let from_file = |url, mistakes: &mut Vec<Mistake>| {
            expanded(url, "cache.redis_url", None, environment, mistakes)
        };
        let redis_url = match environment.get("ATHENA_REDIS_URL") {
            Some(url) => Some(Secret::new(url)),
            None => self.redis_url.and_then(|url| from_file(url, mistakes)),
        };
        let mut millis = |name: &str, most: u64, raw: Option<u64>, default: u64| {
            let said = environment.get(name).map(|text| text.parse().ok());
            let said = said.map(|number: Option<u64>| number.filter(|n| (1..=most).contains(n)));
            if said == Some(None) {
                mistakes.push(Mistake::new(format!("{name} must be a number from 1 to {most}")));
            }
            Duration::from_millis(said.flatten().or(raw).unwrap_or(default))
        };
        let (budget, cooldown) = ("ATHENA_REDIS_OP_TIMEOUT_MS", "ATHENA_REDIS_COOLDOWN_MS");
        Cache {
            enabled: self.enabled.unwrap_or(true),
            max_bytes: self.max_bytes.unwrap_or(64 << 20),
            entry_max_bytes: self.entry_max_bytes.unwrap_or(256 << 10),
            ttl: self.ttl.unwrap_or(Duration::from_secs(240)),
            redis_url: redis_url.filter(|url| !url.expose().trim().is_empty()),
            redis_prefix: self.redis_prefix.unwrap_or_else(|| "athena".to_owned()),
            redis_budget: millis(budget, 10_000, self.redis_budget_ms, 5),
            redis_cooldown: millis(cooldown, 600_000, self.redis_cooldown_ms, 1_000),
        }
    }
}
