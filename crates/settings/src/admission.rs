//! How many requests are let in, and what becomes of the others.

use crate::{Mistake, fields::Fields, node::Kind};
use std::time::Duration;

const MOST: u64 = 1_000_000_000;

/// Until administrators say otherwise for all nodes. 0 is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    pub enabled: bool,
    pub window: Duration,
    pub global: u64,
    pub client: u64,
    pub identity: u64,
    pub clients: Vec<(String, u64)>,
    pub defer_on_limit: bool,
    pub defer_route_prefixes: Vec<String>,
    pub store: AdmissionStore,
}

/// Where requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdmissionStore {
    /// By each process for itself.
    Memory,
    /// In the cache's Redis, by all together.
    Redis,
}

impl AdmissionStore {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Redis => "redis",
        }
    }
}

#[derive(Default)]
pub(crate) struct RawAdmission {
    enabled: Option<bool>,
    window: Option<Duration>,
    global: Option<u64>,
    client: Option<u64>,
    identity: Option<u64>,
    clients: Vec<(String, u64)>,
    defer_on_limit: Option<bool>,
    defer_route_prefixes: Option<Vec<String>>,
    store: Option<String>,
}

impl RawAdmission {
    pub(crate) fn read(mut fields: Fields<'_, '_>) -> Self {
        let raw = Self {
            enabled: fields.flag("enabled"),
            window: fields.seconds("window_secs", 1..=3_600),
            global: fields.number("global_requests_per_window", 0..=MOST),
            client: fields.number("per_client_requests_per_window", 0..=MOST),
            identity: fields.number("per_identity_requests_per_window", 0..=MOST),
            clients: clients(&mut fields),
            defer_on_limit: fields.flag("defer_on_limit_enabled"),
            defer_route_prefixes: fields.texts("defer_route_prefixes"),
            store: fields.text("store"),
        };
        fields.finish();
        raw
    }

    /// The contract's older places for the same.
    pub(crate) fn read_older(gateway: &mut Fields<'_, '_>) -> Self {
        Self {
            enabled: gateway.flag("admission_limit_enabled"),
            window: gateway.seconds("admission_window_secs", 1..=3_600),
            global: gateway.number("admission_global_requests_per_window", 0..=MOST),
            client: gateway.number("admission_per_client_requests_per_window", 0..=MOST),
            defer_on_limit: gateway.flag("admission_defer_on_limit_enabled"),
            defer_route_prefixes: gateway.texts("admission_defer_route_prefixes"),
            store: gateway.text("admission_store_backend"),
            ..Self::default()
        }
    }

    pub(crate) fn resolve(
        self,
        older: Self,
        has_redis: bool,
        mistakes: &mut Vec<Mistake>,
    ) -> Admission {
        let store = match self.store.or(older.store).as_deref() {
            None | Some("memory") => AdmissionStore::Memory,
            Some("redis") if has_redis => AdmissionStore::Redis,
            Some("redis") => {
                let text = "admission.store is redis, and the cache has none: set cache.redis_url";
                mistakes.push(Mistake::new(text));
                AdmissionStore::Memory
            }
            Some(_) => {
                mistakes.push(Mistake::new("admission.store must be memory or redis"));
                AdmissionStore::Memory
            }
        };
        let prefixes = self.defer_route_prefixes.or(older.defer_route_prefixes).unwrap_or_default();
        if !prefixes.iter().all(|prefix| prefix.starts_with('/')) {
            let text = "admission.defer_route_prefixes must be paths, such as /gateway/insert";
            mistakes.push(Mistake::new(text));
        }
        Admission {
            enabled: self.enabled.or(older.enabled).unwrap_or(false),
            window: self.window.or(older.window).unwrap_or(Duration::from_secs(1)),
            global: self.global.or(older.global).unwrap_or(0),
            client: self.client.or(older.client).unwrap_or(0),
            identity: self.identity.unwrap_or(0),
            clients: self.clients,
            defer_on_limit: self.defer_on_limit.or(older.defer_on_limit).unwrap_or(false),
            defer_route_prefixes: prefixes,
            store,
        }
    }
}

fn clients(fields: &mut Fields<'_, '_>) -> Vec<(String, u64)> {
    let Some(node) = fields.take("clients") else { return Vec::new() };
    let entries = Fields::of(node, "admission.clients", fields.mistakes()).rest();
    let mut clients = Vec::new();
    for entry in entries {
        let limit = match &entry.node.kind {
            Kind::Number(text) => text.parse().ok().filter(|limit: &u64| *limit <= MOST),
            _ => None,
        };
        let name = entry.name.trim().to_ascii_lowercase();
        match limit {
            Some(limit) => clients.push((name, limit)),
            None => fields.refuse("clients", "must be names with whole numbers", entry.place),
        }
    }
    clients
}
