//! How the gateway is doing, without asking anybody anything.

use crate::{Gateway, access::Administrator, observe::Totals};
use api_types::ClientName;
use backend::PoolReport;
use cache::RedisState;
use serde::Serialize;
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

/// How busy a client's sessions are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientPools {
    pub client: ClientName,
    pub pools: Vec<PoolReport>,
}

impl Gateway {
    pub fn health(&self) -> Health {
        let clients = self.registry().count();
        Health {
            uptime: self.uptime(),
            registered: clients.registered,
            connected: clients.connected,
            has_store: self.access().has_store(),
            totals: self.totals(),
            cache: self.cache_health(),
        }
    }

    /// The sessions of every registered client, by name.
    pub fn pools(&self, _proof: &Administrator) -> Vec<ClientPools> {
        let all = self.registry().upstreams().into_iter();
        let mut all: Vec<_> = all
            .map(|upstream| ClientPools {
                client: upstream.name().clone(),
                pools: upstream.backend().pools(),
            })
            .collect();
        all.sort_by(|a, b| a.client.cmp(&b.client));
        all
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

    /// Whether a request could succeed now: some client answers, or there is none to wait for. Those
    /// that nobody asked for yet are not waited for.
    pub fn is_ready(&self) -> bool {
        let clients = self.registry().count();
        clients.registered == 0 || clients.connected > 0 || clients.asleep > 0
    }
}
