//! Which client names lead to which database. Each client gets ready, fails and recovers by itself.

mod ad_hoc;
mod supervisor;
#[cfg(test)]
mod tests;
mod upstream;

pub use ad_hoc::{AdHocError, AdHocRules, Connector, Target, Tls};
pub use upstream::{ClientInfo, Upstream};

use crate::{
    Gateway, access::Administrator, error::GatewayError, resilience::ResilienceSettings,
    tuning::Overrides,
};
use api_types::{
    ClientName,
    console::{ClientSummary, Readiness},
};
use arc_swap::ArcSwap;
use backend::Backend;
use std::{collections::BTreeMap, sync::Arc};
use supervisor::Supervisor;

/// The clients a gateway knows. Adding one starts its supervisor and returns at once.
#[derive(Debug, Default)]
pub struct Registry {
    clients: ArcSwap<BTreeMap<ClientName, Arc<Entry>>>,
    resilience: ResilienceSettings,
    /// How clients differ from how they were registered, whether or not they are.
    overrides: ArcSwap<BTreeMap<ClientName, Overrides>>,
    /// Databases that callers named themselves. They are in no list.
    ad_hoc: ad_hoc::AdHoc,
}

/// An upstream and the task that keeps it ready; dropping it ends the task.
#[derive(Debug)]
struct Entry {
    upstream: Arc<Upstream>,
    _supervisor: Supervisor,
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
        Self { upstream, _supervisor: supervisor }
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
        self.clients.rcu(|clients| {
            let mut clients = BTreeMap::clone(clients);
            clients.insert(name.clone(), Arc::clone(&entry));
            clients
        });
        // After it is in, so that a change that is made meanwhile is not missed.
        if let Some(overrides) = self.overrides.load().get(&name) {
            upstream.tune(overrides);
        }
        upstream
    }

    pub fn get(&self, name: &ClientName) -> Result<Arc<Upstream>, GatewayError> {
        let clients = self.clients.load();
        let entry = clients.get(name);
        entry
            .map(|entry| Arc::clone(&entry.upstream))
            .or_else(|| self.ad_hoc.get(name))
            .ok_or_else(|| GatewayError::unknown(name.as_str()))
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

    pub(crate) fn is_ad_hoc(&self, name: &ClientName) -> bool {
        self.ad_hoc.get(name).is_some()
    }

    pub(crate) fn upstreams(&self) -> Vec<Arc<Upstream>> {
        self.clients.load().values().map(|entry| Arc::clone(&entry.upstream)).collect()
    }

    /// Every client, by name, without its secrets.
    pub fn list(&self) -> Vec<ClientSummary> {
        self.clients.load().values().map(|entry| entry.upstream.summary()).collect()
    }

    /// Stop the supervisors and close every connection.
    pub async fn close(&self) {
        let clients = self.clients.swap(Arc::default());
        for entry in clients.values() {
            entry.upstream.backend().close().await;
        }
        self.ad_hoc.close().await;
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
