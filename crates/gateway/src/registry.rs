//! Which client names lead to which database. Each client gets ready, fails and recovers by itself.

mod ad_hoc;
mod closed;
mod factory;
mod policy;
mod retired;
mod supervisor;
#[cfg(test)]
mod tests;
mod upstream;

pub use ad_hoc::{AdHocError, AdHocRules, Connector, Target, Tls};
pub use closed::{Closed, ClosedKind};
pub use factory::{BackendFactory, FactoryError, Spec};
pub use policy::{ConnectPolicy, Goal, HostPolicy, NoWay};
pub use upstream::{ClientInfo, Upstream};

use crate::{
    Gateway,
    access::Administrator,
    error::GatewayError,
    federation::Hall,
    resilience::ResilienceSettings,
    tuning::{Overrides, PoolTuning},
};
use api_types::{
    ClientName,
    console::{ClientSummary, Readiness},
};
use arc_swap::ArcSwap;
use backend::Backend;
use retired::Retired;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use supervisor::Supervisor;
use tokio::sync::watch;

/// The clients a gateway knows. Adding one starts its supervisor and returns at once.
#[derive(Debug, Default)]
pub struct Registry {
    clients: ArcSwap<BTreeMap<ClientName, Slot>>,
    resilience: ResilienceSettings,
    /// How clients differ from how they were registered, whether or not they are.
    overrides: ArcSwap<BTreeMap<ClientName, Overrides>>,
    /// What was imported of databases that belong to others.
    hall: Hall,
    /// Counts changes of what clients there are.
    changed: watch::Sender<u64>,
    /// Databases that callers named themselves. They are in no list.
    ad_hoc: ad_hoc::AdHoc,
    /// Upstreams that were taken out and still finish what they began.
    retired: Retired,
}

/// A known name: either it leads somewhere, or there is a reason why not.
#[derive(Debug, Clone)]
enum Slot {
    Open(Arc<Entry>),
    Closed(Arc<Closed>),
}

/// What a name leads to at this moment.
#[derive(Debug, Clone)]
pub enum State {
    Open(Arc<Upstream>),
    Closed(Arc<Closed>),
}

/// An upstream and the task that keeps it ready; dropping it ends the task.
#[derive(Debug)]
struct Entry {
    upstream: Arc<Upstream>,
    supervisor: Supervisor,
}

impl Entry {
    fn start(
        name: ClientName,
        backend: Arc<dyn Backend>,
        info: ClientInfo,
        resilience: &ResilienceSettings,
    ) -> Self {
        let upstream = Arc::new(Upstream::new(name, backend, info, resilience));
        let supervisor = Supervisor::spawn(Arc::clone(&upstream));
        Self { upstream, supervisor }
    }
}

impl Registry {
    pub fn new(resilience: ResilienceSettings) -> Self {
        Self { resilience, ..Self::default() }
    }

    /// Put a client in, or in the place of one of the same name. No I/O happens here.
    pub fn add(
        &self,
        name: ClientName,
        backend: Arc<dyn Backend>,
        info: ClientInfo,
    ) -> Arc<Upstream> {
        let entry = Arc::new(Entry::start(name.clone(), backend, info, &self.resilience));
        let upstream = Arc::clone(&entry.upstream);
        self.put(&name, Some(Slot::Open(entry)));
        upstream
    }

    /// The same, but only when the new one has been asked once: until then, and no longer than
    /// this, requests go to the one whose place it takes.
    pub(crate) async fn replace(
        &self,
        name: &ClientName,
        backend: Arc<dyn Backend>,
        info: ClientInfo,
        patience: Duration,
    ) {
        let entry = Arc::new(Entry::start(name.clone(), backend, info, &self.resilience));
        let _asked = tokio::time::timeout(patience, entry.upstream.settled()).await;
        self.put(name, Some(Slot::Open(entry)));
    }

    /// From now on the name leads nowhere, and requests are told why.
    pub(crate) fn shut(&self, name: &ClientName, why: Closed) {
        self.put(name, Some(Slot::Closed(Arc::new(why))));
    }

    /// From now on nobody has heard of the name.
    pub(crate) fn forget(&self, name: &ClientName) {
        self.put(name, None);
    }

    fn put(&self, name: &ClientName, slot: Option<Slot>) {
        self.show_imports_of(name, slot.as_ref());
        self.tune_one(name, slot.as_ref());
        let before = self.clients.rcu(|clients| {
            let mut clients = BTreeMap::clone(clients);
            match &slot {
                Some(slot) => clients.insert(name.clone(), slot.clone()),
                None => clients.remove(name),
            };
            clients
        });
        // Something may have been imported or tuned in between.
        self.show_imports_of(name, slot.as_ref());
        self.tune_one(name, slot.as_ref());
        self.changed.send_modify(|count| *count += 1);
        let Some(Slot::Open(old)) = before.get(name) else { return };
        old.supervisor.stop();
        let stays = match &slot {
            Some(Slot::Open(new)) => Arc::ptr_eq(new.upstream.backend(), old.upstream.backend()),
            _ => false,
        };
        if !stays {
            self.retired.drain(Arc::clone(&old.upstream));
        }
    }

    pub fn get(&self, name: &ClientName) -> Result<Arc<Upstream>, GatewayError> {
        match self.clients.load().get(name) {
            Some(Slot::Open(entry)) if entry.upstream.is_sealed() => {
                let kind = ClosedKind::Blocked;
                Err(GatewayError::Closed { name: name.to_string(), kind })
            }
            Some(Slot::Open(entry)) => Ok(Arc::clone(&entry.upstream)),
            Some(Slot::Closed(why)) => {
                Err(GatewayError::Closed { name: name.to_string(), kind: why.kind })
            }
            None => self.ad_hoc.get(name).ok_or_else(|| GatewayError::unknown(name.as_str())),
        }
    }

    /// What a name leads to; `None` when nobody has heard of it.
    pub fn state(&self, name: &ClientName) -> Option<State> {
        self.clients.load().get(name).map(|slot| match slot {
            Slot::Open(entry) => State::Open(Arc::clone(&entry.upstream)),
            Slot::Closed(why) => State::Closed(Arc::clone(why)),
        })
    }

    /// Moves whenever a client comes, changes or goes.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// What was imported of databases that belong to others.
    pub fn hall(&self) -> &Hall {
        &self.hall
    }

    fn show_imports_of(&self, name: &ClientName, slot: Option<&Slot>) {
        if let Some(Slot::Open(entry)) = slot {
            entry.upstream.show_resources(self.hall.of(name));
        }
    }

    /// Show every client's callers what was imported of it.
    pub(crate) fn show_resources(&self) {
        for upstream in self.upstreams() {
            upstream.show_resources(self.hall.of(upstream.name()));
        }
    }

    /// Whether such a client is registered, in whatever state it is.
    pub(crate) fn knows(&self, name: &ClientName) -> bool {
        !matches!(self.get(name), Err(GatewayError::UnknownClient { .. }))
    }

    /// From now on clients differ from how they were registered in this and in nothing else.
    pub(crate) fn tune(&self, overrides: BTreeMap<ClientName, Overrides>) {
        self.overrides.store(Arc::new(overrides));
        let overrides = self.overrides.load();
        let nothing = Overrides::default();
        for upstream in self.upstreams() {
            upstream.tune(overrides.get(upstream.name()).unwrap_or(&nothing));
        }
    }

    /// How many connections a client's own configuration asks for.
    pub(crate) fn pool_of(&self, name: &ClientName) -> PoolTuning {
        self.overrides.load().get(name).map(|overrides| overrides.pool).unwrap_or_default()
    }

    fn tune_one(&self, name: &ClientName, slot: Option<&Slot>) {
        if let (Some(Slot::Open(entry)), Some(overrides)) = (slot, self.overrides.load().get(name))
        {
            entry.upstream.tune(overrides);
        }
    }

    pub(crate) fn is_ad_hoc(&self, name: &ClientName) -> bool {
        self.ad_hoc.get(name).is_some()
    }

    pub(crate) fn upstreams(&self) -> Vec<Arc<Upstream>> {
        let clients = self.clients.load();
        open(&clients).map(|entry| Arc::clone(&entry.upstream)).collect()
    }

    /// Whether a client is listed under this name, in whatever state.
    pub(crate) fn lists(&self, name: &str) -> bool {
        ClientName::parse(name).is_ok_and(|name| self.clients.load().contains_key(&name))
    }

    /// Every listed client with what it leads to, by name.
    pub(crate) fn states(&self) -> Vec<(ClientName, State)> {
        let clients = self.clients.load();
        let state = |slot: &Slot| match slot {
            Slot::Open(entry) => State::Open(Arc::clone(&entry.upstream)),
            Slot::Closed(why) => State::Closed(Arc::clone(why)),
        };
        clients.iter().map(|(name, slot)| (name.clone(), state(slot))).collect()
    }

    /// Databases that callers named themselves and that are still connected.
    pub(crate) fn ad_hoc_entries(&self) -> usize {
        self.ad_hoc.len()
    }

    /// Every client that takes requests, by name, without its secrets.
    pub fn list(&self) -> Vec<ClientSummary> {
        open(&self.clients.load()).map(|entry| entry.upstream.summary()).collect()
    }

    /// Stop the supervisors and close every connection.
    pub async fn close(&self) {
        let clients = self.clients.swap(Arc::default());
        self.changed.send_modify(|count| *count += 1);
        for entry in open(&clients) {
            entry.supervisor.stop();
            entry.upstream.backend().close().await;
        }
        self.retired.close().await;
        self.ad_hoc.close().await;
    }
}

fn open(clients: &BTreeMap<ClientName, Slot>) -> impl Iterator<Item = &Arc<Entry>> {
    clients.values().filter_map(|slot| match slot {
        Slot::Open(entry) => Some(entry),
        Slot::Closed(_) => None,
    })
}

impl Gateway {
    /// The names of the clients that can answer now.
    pub fn ready_clients(&self, _proof: &Administrator) -> Vec<ClientName> {
        let clients = self.registry().list().into_iter();
        let ready = clients.filter(|client| client.readiness == Readiness::Ready);
        ready.map(|client| client.name).collect()
    }
}
