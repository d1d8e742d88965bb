//! How the gateway is doing, without asking anybody anything.

use crate::{Gateway, observe::Totals};
use api_types::console::{ClientSummary, Readiness};
use cache::RedisState;
use std::time::Duration;

/// A look at the whole gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    pub uptime: Duration,
    pub registered: usize,
    pub connected: usize,
    pub has_store: bool,
    pub totals: Totals,
    /// `None` when no answers are kept.
    pub cache: Option<CacheHealth>,
}

/// The kept answers.
#[derive(Debug, Clone, PartialEq)]
pub struct CacheHealth {
    pub entries: u64,
    pub bytes: u64,
    /// Of the reads that looked, the part that found.
    pub hit_ratio: f64,
    /// `off`, `away` or `up`.
    pub redis: &'static str,
}

impl Gateway {
    pub fn health(&self) -> Health {
        let clients = self.registry().list();
        Health {
            uptime: self.uptime(),
            registered: clients.len(),
            connected: connected(&clients),
            has_store: self.access().has_store(),
            totals: self.totals(),
            cache: self.cache_health(),
        }
    }

    fn cache_health(&self) -> Option<CacheHealth> {
        let seen = self.answers().cache()?.statistics();
        let hits = seen.hits_local + seen.hits_redis + seen.joined;
        let looked = (hits + seen.misses).max(1);
        Some(CacheHealth {
            entries: seen.entries,
            bytes: seen.bytes,
            hit_ratio: hits as f64 / looked as f64,
            redis: match seen.redis {
                RedisState::Off => "off",
                RedisState::Away => "away",
                RedisState::Up => "up",
            },
        })
    }

    /// Whether a request could succeed now: some client answers, or there is none to wait for.
    pub fn is_ready(&self) -> bool {
        let clients = self.registry().list();
        clients.is_empty() || connected(&clients) > 0
    }
}

fn connected(clients: &[ClientSummary]) -> usize {
    clients.iter().filter(|client| client.readiness == Readiness::Ready).count()
}
