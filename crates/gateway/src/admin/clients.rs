//! Clients: seen, made, changed, frozen and removed while the gateway runs, on every node alike.

mod configured;
mod error;
mod events;
mod guard;
mod open;
mod probe;
mod sync;
pub mod vault;
mod view;
mod write;

pub use configured::Configured;
pub use error::ClientsError;
pub use events::{Event, Missed};
pub use probe::ProbeReport;
pub use vault::SecretInput;
pub use view::{ClientDetail, ClientListed};
pub use write::{Asked, Migrated};

use crate::{
    Gateway, Operator,
    access::Desk,
    registry::{BackendFactory, ConnectPolicy, Goal, Registry},
    rest::RestSettings,
};
use api_types::ClientName;
use datasources::{ClientRecord, Driver, Origin, driver};
use events::Events;
use guard::Refusals;
use probe::LastProbe;
use secrets::Kms;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use store::{EventLog, LogSettings};
use sync::Held;
use tokio::{sync::watch, task::JoinHandle};

/// Reads variables of the environment.
pub type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What keeping clients takes.
pub struct ClientsSetup {
    pub desk: Desk,
    pub factory: Arc<dyn BackendFactory>,
    pub policy: Arc<dyn ConnectPolicy>,
    /// Where secrets are sealed and opened; without one, clients with secrets are refused.
    pub vault: Option<Arc<dyn Kms>>,
    /// Names that this server keeps for itself.
    pub reserved: Vec<ClientName>,
    pub configured: Vec<Configured>,
    /// How clients of the run time answer on the PostgREST surface.
    pub rest: Arc<RestSettings>,
    pub variables: Variables,
}

/// The clients of this node. Cheap to clone; every clone is the same.
#[derive(Clone)]
pub struct Clients {
    book: Arc<Book>,
}

pub(super) struct Book {
    registry: Arc<Registry>,
    statement_timeout: Duration,
    desk: Desk,
    factory: Arc<dyn BackendFactory>,
    policy: Arc<dyn ConnectPolicy>,
    vault: Option<Arc<dyn Kms>>,
    reserved: Vec<ClientName>,
    configured: BTreeMap<ClientName, Configured>,
    rest: Arc<RestSettings>,
    variables: Variables,
    /// What this node did about each client last. Each has a lock of its own, so that a slow one
    /// holds up no other.
    held: Mutex<HashMap<ClientName, Arc<tokio::sync::Mutex<Held>>>>,
    probes: Mutex<HashMap<ClientName, LastProbe>>,
    events: Events,
    refusals: Arc<Refusals>,
    /// Secrets that did not open.
    unresolved: AtomicU64,
    /// Connections that could not even be tried.
    unopened: metrics::Kept<AtomicU64>,
    end: watch::Sender<bool>,
    following: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Gateway {
    /// Keep clients from now on: those of the configuration and those that are made at run time.
    /// Waits a moment for the latter to be known, and for none to be connected.
    pub async fn keep_clients(&self, setup: ClientsSetup) -> Clients {
        let configured =
            setup.configured.into_iter().map(|client| (client.record.name.clone(), client));
        let events = setup.desk.store.clone();
        let book = Arc::new(Book {
            registry: Arc::clone(self.shared_registry()),
            statement_timeout: self.settings().statement_timeout,
            desk: setup.desk,
            factory: setup.factory,
            policy: setup.policy,
            vault: setup.vault,
            reserved: setup.reserved,
            configured: configured.collect(),
            rest: setup.rest,
            variables: setup.variables,
            held: Mutex::default(),
            probes: Mutex::default(),
            events: Events::new(EventLog::start(events, LogSettings::default())),
            refusals: Arc::default(),
            unresolved: AtomicU64::new(0),
            unopened: metrics::Kept::default(),
            end: watch::Sender::new(false),
            following: tokio::sync::Mutex::default(),
        });
        let clients = Clients { book };
        if self.clients_cell().set(clients.clone()).is_err() {
            tracing::error!("clients are kept twice");
        }
        sync::begin(&clients.book).await;
        clients
    }

    /// The clients, for somebody who may administrate.
    pub fn clients(&self, _proof: &Operator) -> Result<&Clients, ClientsError> {
        self.clients_cell().get().ok_or(ClientsError::NotKept)
    }

    /// What each driver that is known asks for. Needs nothing but this program.
    pub fn drivers(&self, _proof: &Operator) -> Vec<Value> {
        let factory = self.clients_cell().get().map(|clients| &*clients.book.factory);
        let known = Driver::known().filter_map(|driver| {
            let mut described = driver::described(&driver)?;
            let is_supported = factory.is_some_and(|factory| factory.supports(&driver));
            described["supported"] = json!(is_supported);
            Some(described)
        });
        known.collect()
    }
}

impl Clients {
    fn book(&self) -> &Book {
        &self.book
    }

    /// Whether the configuration has such a client.
    pub(crate) fn is_configured(&self, name: &ClientName) -> bool {
        self.book.configured.contains_key(name)
    }

    /// Secrets that did not open.
    pub(crate) fn unresolved(&self) -> u64 {
        self.book.unresolved.load(Ordering::Relaxed)
    }

    /// How often this client's connection could not even be tried.
    pub(crate) fn unopened(&self, name: &ClientName) -> u64 {
        self.book.unopened.all().get(name.as_str()).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// Connect anew those whose pools are to be others.
    pub(crate) async fn resync(&self) -> Result<(), store::StoreError> {
        self.book.sync(None).await
    }

    /// The policy's word about a place that is no client's.
    pub(crate) async fn judge(&self, goal: &Goal) -> Result<(), String> {
        self.book.policy.judge(goal).await
    }

    /// Stop following changes. The registry closes the connections.
    pub async fn close(&self) {
        self.book.end.send_replace(true);
        if let Some(following) = self.book.following.lock().await.take() {
            // A task that panicked has nothing left to do.
            drop(following.await);
        }
        self.book.events.close().await;
    }
}

impl Book {
    fn vault(&self) -> Result<&Arc<dyn Kms>, ClientsError> {
        self.vault.as_ref().ok_or(ClientsError::NoVault)
    }

    /// The record that counts under this name, removed ones left out.
    async fn record(&self, name: &ClientName) -> Result<Effective, ClientsError> {
        let rows = self.desk.store.client(name, Origin::Runtime);
        let (runtime, config) =
            tokio::try_join!(rows, self.desk.store.client(name, Origin::Config))?;
        let runtime = runtime.filter(|record| !record.deleted);
        match self.configured.get(name) {
            Some(client) => Ok(client.effective(config, runtime.is_some())),
            None => runtime
                .map(|record| Effective { record, conflicts: false })
                .ok_or_else(|| ClientsError::Unknown { name: name.to_string() }),
        }
    }
}

/// A record that counts, and whether it hides another of its name.
#[derive(Debug, Clone)]
struct Effective {
    record: ClientRecord,
    conflicts: bool,
}
