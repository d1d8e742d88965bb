//! Which client names lead to which database. Each client gets ready, fails and recovers by itself.

mod supervisor;
#[cfg(test)]
mod tests;
mod upstream;

pub use upstream::{ClientInfo, Upstream};

use crate::{Gateway, access::Administrator, error::GatewayError};
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
}

/// An upstream and the task that keeps it ready; dropping it ends the task.
#[derive(Debug)]
struct Entry {
    upstream: Arc<Upstream>,
    _supervisor: Supervisor,
}

impl Registry {
    /// Put a client in, or in the place of one of the same name. No I/O happens here.
    pub fn add(
        &self,
        name: ClientName,
        backend: Arc<dyn Backend>,
        info: ClientInfo,
    ) -> Arc<Upstream> {
        let upstream = Arc::new(Upstream::new(name.clone(), backend, info));
        let supervisor = Supervisor::spawn(Arc::clone(&upstream));
        let entry = Arc::new(Entry { upstream: Arc::clone(&upstream), _supervisor: supervisor });
        self.clients.rcu(|clients| {
            let mut clients = BTreeMap::clone(clients);
            clients.insert(name.clone(), Arc::clone(&entry));
            clients
        });
        upstream
    }

    pub fn get(&self, name: &ClientName) -> Result<Arc<Upstream>, GatewayError> {
        let clients = self.clients.load();
        let entry = clients.get(name);
        entry
            .map(|entry| Arc::clone(&entry.upstream))
            .ok_or_else(|| GatewayError::unknown(name.as_str()))
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
