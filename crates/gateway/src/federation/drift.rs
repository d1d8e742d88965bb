//! Looking now and then whether databases moved: one timer for each client that wants it.

use super::compare;
use crate::{Gateway, WeakGateway, admin::external::ResourceVerdict, registry::Upstream};
use api_types::ClientName;
use federation::{fingerprint, is_drift};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use store::{Store, StoreError};
use tokio::{task::AbortHandle, time::sleep};

/// Looking may take this long.
const LOOK: Duration = Duration::from_secs(30);

/// The timers of one gateway. They end with it.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    armed: Mutex<BTreeMap<ClientName, Timer>>,
    keeper: Mutex<Option<AbortHandle>>,
    follower: Mutex<Option<AbortHandle>>,
}

/// Ends its task when dropped.
#[derive(Debug)]
struct Timer {
    upstream: Weak<Upstream>,
    every: Duration,
    task: AbortHandle,
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Timers {
    pub(crate) fn close(&self) {
        replace(&self.keeper, None);
        replace(&self.follower, None);
        self.lock().clear();
    }

    /// The task that keeps what was imported true to the store.
    pub(crate) fn follow(&self, task: AbortHandle) {
        replace(&self.follower, Some(task));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<ClientName, Timer>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which clients are looked at, and how often.
    fn list(&self) -> Vec<(ClientName, Duration)> {
        self.lock().iter().map(|(name, timer)| (name.clone(), timer.every)).collect()
    }
}

/// One task in the place of another, which ends.
fn replace(place: &Mutex<Option<AbortHandle>>, task: Option<AbortHandle>) {
    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(before) = std::mem::replace(&mut *place, task) {
        before.abort();
    }
}

impl Gateway {
    /// Arm the timers, and keep them true to the registry from now on. Needs a store to tell it to.
    pub fn watch_drift(&self) {
        let Some(store) = self.access().desk().map(|desk| desk.store.clone()) else { return };
        let mut changes = self.registry().changes();
        // The task must not keep the gateway alive.
        let gateway = self.weak();
        let keeper = tokio::spawn(async move {
            loop {
                changes.borrow_and_update();
                let Some(gateway) = gateway.upgrade() else { return };
                gateway.rearm(&store);
                drop(gateway);
                if changes.changed().await.is_err() {
                    return;
                }
            }
        });
        replace(&self.timers().keeper, Some(keeper.abort_handle()));
    }

    /// Which clients are looked at, and how often.
    pub fn drift_timers(&self) -> Vec<(ClientName, Duration)> {
        self.timers().list()
    }

    /// A client that was edited is another upstream, and gets another timer at once.
    fn rearm(&self, store: &Store) {
        let wanted: BTreeMap<ClientName, (Arc<Upstream>, Duration)> = self
            .registry()
            .upstreams()
            .into_iter()
            .filter_map(|upstream| {
                let every = upstream.terms()?.check_interval()?;
                Some((upstream.name().clone(), (upstream, every)))
            })
            .collect();
        let mut armed = self.timers().lock();
        armed.retain(|name, timer| {
            wanted
                .get(name)
                .is_some_and(|(upstream, _)| timer.upstream.as_ptr() == Arc::as_ptr(upstream))
        });
        for (name, (upstream, every)) in wanted {
            armed.entry(name).or_insert_with(|| {
                let watch = Watch {
                    gateway: self.weak(),
                    upstream: Arc::downgrade(&upstream),
                    store: store.clone(),
                    every,
                };
                let task = tokio::spawn(watch.run());
                let upstream = Arc::downgrade(&upstream);
                Timer { upstream, every, task: task.abort_handle() }
            });
        }
    }
}

/// One client and how often it is looked at. It keeps neither the client nor the gateway.
struct Watch {
    gateway: WeakGateway,
    upstream: Weak<Upstream>,
    store: Store,
    every: Duration,
}

impl Watch {
    /// A check that takes longer than the pause delays the next one: two never run at once.
    async fn run(self) {
        loop {
            // Clients that were armed together need not look together.
            sleep(self.every.mul_f64(rand::random_range(0.9..=1.1))).await;
            let (Some(gateway), Some(upstream)) = (self.gateway.upgrade(), self.upstream.upgrade())
            else {
                return;
            };
            if let Err(error) = check(&gateway, &upstream, &self.store).await {
                let client = upstream.name();
                let error = &error as &dyn std::error::Error;
                tracing::warn!(%client, error, "drift was not written down");
            }
        }
    }
}

/// Look at this client, and at no other. A database that cannot be reached has not moved.
async fn check(gateway: &Gateway, upstream: &Upstream, store: &Store) -> Result<(), StoreError> {
    let limit = upstream.terms().map_or(LOOK, |terms| terms.query_timeout().min(LOOK));
    let cache = match upstream.look(limit).await {
        Ok(cache) => cache,
        Err(error) => {
            tracing::debug!(client = %upstream.name(), %error, "drift was not looked for");
            return Ok(());
        }
    };
    for resource in gateway.registry().hall().of(upstream.name()).iter() {
        note(gateway, upstream, &compare(upstream, resource, &cache), store).await?;
    }
    Ok(())
}

/// Told when it comes and when it is gone; in between it is counted.
async fn note(
    gateway: &Gateway,
    upstream: &Upstream,
    verdict: &ResourceVerdict,
    store: &Store,
) -> Result<(), StoreError> {
    let client = upstream.name();
    let ResourceVerdict { resource, diffs, .. } = verdict;
    let print = is_drift(diffs).then(|| fingerprint(diffs));
    if let Some(print) = &print
        && store.see_drift(client.as_str(), resource, print, &json!(diffs)).await?
    {
        tracing::warn!(%client, resource, diffs = %json!(diffs), "external.schema.drift");
        gateway.tell(DRIFT, client, json!({ "resource": resource, "diffs": diffs }));
    }
    for row in store.resolve_drift(client.as_str(), resource, print.as_deref()).await? {
        tracing::info!(%client, resource, "external.schema.resolved");
        let told = json!({ "resource": resource, "fingerprint": row.fingerprint });
        gateway.tell(RESOLVED, client, told);
    }
    Ok(())
}

const DRIFT: &str = "external.schema.drift";
const RESOLVED: &str = "external.schema.resolved";

impl Gateway {
    /// For whoever listens to what happens to clients.
    pub(crate) fn tell(&self, kind: &'static str, client: &ClientName, what: Value) {
        if let Some(clients) = self.clients_cell().get() {
            clients.tell(kind, client, what);
        }
    }
}

#[cfg(test)]
mod tests;
