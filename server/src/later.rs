//! What the settings say about who is let in, and about what is done later.

use anyhow::Context;
use api_types::ClientName;
use gateway::{Admission, Deferred, DeferredSettings, Limits};
use settings::{AdmissionStore, Settings};
use store::{AdmissionLog, ChangeFeed, Store};

/// Begin to count requests, and to hear of other limits.
pub fn admission(
    settings: &Settings,
    store: &Store,
    feed: &ChangeFeed,
    log: AdmissionLog,
) -> anyhow::Result<Admission> {
    let own = &settings.admission;
    let named = |(name, limit): &(String, u64)| {
        let parsed = ClientName::parse(name);
        parsed.map(|name| (name, *limit)).with_context(|| format!("admission.clients.{name}"))
    };
    let limits = Limits {
        enabled: own.enabled,
        window: own.window,
        global: own.global,
        client: own.client,
        identity: own.identity,
        clients: own.clients.iter().map(named).collect::<anyhow::Result<_>>()?,
        defer_on_limit: own.defer_on_limit,
        defer_prefixes: own.defer_route_prefixes.clone(),
    };
    let is_shared = own.store == AdmissionStore::Redis;
    Ok(Admission::start(limits, is_shared, (store.clone(), feed, log)))
}

pub fn deferred(settings: &Settings, store: &Store, feed: &ChangeFeed) -> Deferred {
    let own = &settings.deferred;
    let settings = DeferredSettings {
        workers: own.workers,
        per_client: own.workers_per_client,
        queue_limit: own.queue_limit,
        max_attempts: own.max_attempts,
        poll: own.poll,
        lease: own.lease,
        body_limit: own.body_limit,
        result_limit: own.result_limit,
        keep_completed: own.keep_completed,
        keep_dead: own.keep_dead,
        ..DeferredSettings::default()
    };
    Deferred::new(store.clone(), feed.clone(), settings)
}
