//! Which client names lead to which database. Each client gets ready, fails and recovers by itself.

mod ad_hoc;
mod asleep;
mod closed;
mod factory;
mod names;
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
use names::Names;
use retired::Retired;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use supervisor::{Supervisor, Turns};
use tokio::sync::watch;

/// The clients a gateway knows. Adding one starts its supervisor and returns at once.
#[derive(Debug, Default)]
pub struct Registry {
    names: Names,
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
    /// Who may look at a database that nobody asks for.
    turns: Turns,
}

/// A known name: either it leads somewhere, or there is a reason why not.
#[derive(Debug, Clone)]
enum Slot {
    Open(Arc<Entry>),
    Closed(Arc<Closed>),
    /// Nobody asked for it yet.
    Asleep,
}

/// What a name leads to at this moment.
#[derive(Debug, Clone)]
pub enum State {
    Open(Arc<Upstream>),
    Closed(Arc<Closed>),
    /// Nobody asked for it yet.
    Asleep,
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
        turns: Turns,
    ) -> Self {
        let upstream = Arc::new(Upstream::new(name, backend, info, resilience));
        let supervisor = Supervisor::spawn(Arc::clone(&upstream), turns);
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
        let entry = self.entry(&name, backend, info);
        let upstream = Arc::clone(&entry.upstream);
        self.put(&name, Some(Slot::Open(entry)));
        upstream
    }

    fn entry(&self, name: &ClientName, backend: Arc<dyn Backend>, info: ClientInfo) -> Arc<Entry> {
        let (resilience, turns) = (&self.resilience, self.turns.clone());
        Arc::new(Entry::start(name.clone(), backend, info, resilience, turns))
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
        let entry = self.entry(name, backend, info);
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
        let before = self.names.put(name, slot.as_ref());
        // Something may have been imported or tuned in between.
        self.show_imports_of(name, slot.as_ref());
        self.tune_one(name, slot.as_ref());
        self.changed.send_modify(|count| *count += 1);
        let Some(Slot::Open(old)) = before else { return };
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
        self.names.with(name, |slot| match slot {
            Some(Slot::Open(entry)) if entry.upstream.is_sealed() => {
                let kind = ClosedKind::Blocked;
                Err(GatewayError::Closed { name: name.to_string(), kind })
            }
            Some(Slot::Open(entry)) => Ok(Arc::clone(&entry.upstream)),
            Some(Slot::Closed(why)) => {
                Err(GatewayError::Closed { name: name.to_string(), kind: why.kind })
            }
            Some(Slot::Asleep) => Err(asleep::asleep(name)),
            None => self.ad_hoc.get(name).ok_or_else(|| GatewayError::unknown(name.as_str())),
        })
    }

    /// What a name leads to; `None` when nobody has heard of it.
    pub fn state(&self, name: &ClientName) -> Option<State> {
        self.names.with(name, |slot| slot.map(Slot::state))
    }

    /// What each name leads to that leads somewhere, or is closed; sleepers are left out.
    pub(crate) fn states(&self) -> Vec<(ClientName, State)> {
        let mut all = Vec::new();
        self.names.each(|name, slot| match slot {
            Slot::Asleep => {}
            slot => all.push((name.clone(), slot.state())),
        });
        all
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
        self.names.with(name, |slot| slot.is_some()) || self.ad_hoc.get(name).is_some()
    }

    /// From now on clients differ from how they were registered in this and in nothing else.
    pub(crate) fn tune(&self, overrides: BTreeMap<ClientName, Overrides>) {
        // What applies is made anew for each client, and what rests on it is forgotten.
        if **self.overrides.load() == overrides {
            return;
        }
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

    /// Those that are connected, or try to be, by name.
    pub(crate) fn upstreams(&self) -> Vec<Arc<Upstream>> {
        self.names.open().iter().map(|entry| Arc::clone(&entry.upstream)).collect()
    }

    /// Whether a client is listed under this name, in whatever state.
    pub(crate) fn lists(&self, name: &str) -> bool {
        ClientName::parse(name).is_ok_and(|name| self.names.with(&name, |slot| slot.is_some()))
    }

    /// Clients that nobody asked for yet.
    pub(crate) fn asleep(&self) -> usize {
        let mut count = 0;
        self.names.each(|_, slot| count += usize::from(matches!(slot, Slot::Asleep)));
        count
    }

    /// Databases that callers named themselves and that are still connected.
    pub(crate) fn ad_hoc_entries(&self) -> usize {
        self.ad_hoc.len()
    }

    /// Every client that takes requests, by name, without its secrets.
    pub fn list(&self) -> Vec<ClientSummary> {
        let mut all = Vec::new();
        self.names.each(|name, slot| match slot {
            Slot::Open(entry) => all.push(entry.upstream.summary()),
            Slot::Asleep => all.push(Upstream::summary_of_a_sleeper(name)),
            Slot::Closed(_) => {}
        });
        all.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// How many there are of those, how many can answer now, and how many were never asked for.
    pub(crate) fn count(&self) -> Count {
        let mut count = Count::default();
        self.names.each(|_, slot| match slot {
            Slot::Open(entry) => {
                count.registered += 1;
                count.connected += usize::from(entry.upstream.is_ready());
            }
            Slot::Asleep => {
                count.registered += 1;
                count.asleep += 1;
            }
            Slot::Closed(_) => {}
        });
        count
    }

    /// Stop the supervisors and close every connection.
    pub async fn close(&self) {
        let open = self.names.open();
        self.names.clear();
        self.changed.send_modify(|count| *count += 1);
        for entry in open {
            entry.supervisor.stop();
            entry.upstream.backend().close().await;
        }
        self.retired.close().await;
        self.ad_hoc.close().await;
    }
}

/// Clients by what they can do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) registered: usize,
    pub(crate) connected: usize,
    pub(crate) asleep: usize,
}

impl Slot {
    fn state(&self) -> State {
        match self {
            Self::Open(entry) => State::Open(Arc::clone(&entry.upstream)),
            Self::Closed(why) => State::Closed(Arc::clone(why)),
            Self::Asleep => State::Asleep,
        }
    }
}

impl Gateway {
    /// The names of the clients that can answer now.
    pub fn ready_clients(&self, _proof: &Administrator) -> Vec<ClientName> {
        let clients = self.registry().list().into_iter();
        let ready = clients.filter(|client| client.readiness == Readiness::Ready);
        ready.map(|client| client.name).collect()
    }
}
