//! One client: its database, what we know of its schema, and whether it can answer now.

mod knowledge;
mod wanted;

use super::ClosedKind;
use crate::{
    answers::Cascades,
    error::GatewayError,
    federation::{Terms, Viewed},
    resilience::{Gate, ResilienceSettings},
    rest::{RestSettings, RestState},
    tuning::{Overrides, Tuning, effective},
};
use api_types::{
    ClientName,
    console::{ClientSummary, Readiness},
};
use arc_swap::{ArcSwap, Guard};
use backend::Backend;
use catalog::{QualifiedName, SchemaCache, Table};
use datasources::ClientRecord;
use query::request::ResponseCase;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{Notify, watch},
    time::timeout,
};

/// How long a request waits for a client that is still connecting.
const PATIENCE: Duration = Duration::from_secs(1);

/// How much later than its limit a statement is surely over.
const GRACE: Duration = Duration::from_secs(1);

/// What people are told about a client besides its name.
#[derive(Debug, Clone, Default)]
pub struct ClientInfo {
    /// `production`, `staging`, …
    pub environment: Option<String>,
    /// The longest a statement may run here; the gateway's own when `None`.
    pub statement_timeout: Option<Duration>,
    /// The same for every node that reaches the same database with the same credentials, and for
    /// no other; nodes share no kept answers when `None`.
    pub fingerprint: Option<String>,
    /// Read `userId` as `user_id` here; as the gateway does when `None`.
    pub snake_case: Option<bool>,
    /// How the members of answered rows are spelled here; as the gateway does when `None`.
    pub response_case: Option<ResponseCase>,
    /// How it answers on the PostgREST surface.
    pub rest: Arc<RestSettings>,
    /// Where it differs otherwise.
    pub tuning: Tuning,
    /// What it is, as it was defined: whose its structure is, and what may be written.
    pub record: Option<Arc<ClientRecord>>,
}

/// What is known of a client at this moment.
#[derive(Debug, Clone)]
pub(super) enum SchemaState {
    Connecting,
    Ready(Arc<SchemaCache>, Arc<Cascades>),
    Unavailable { reason: String },
}

/// Readings of the catalog, good or bad.
#[derive(Debug, Clone, Copy, Default)]
struct Readings {
    finished: u64,
    /// One began and is not finished.
    is_running: bool,
}

/// A named database that callers address.
#[derive(Debug)]
pub struct Upstream {
    name: ClientName,
    backend: Arc<dyn Backend>,
    /// As it was registered.
    own: ClientInfo,
    /// As it applies now.
    info: ArcSwap<ClientInfo>,
    fingerprint: String,
    gate: Arc<Gate>,
    state: ArcSwap<SchemaState>,
    finished: watch::Sender<Readings>,
    wake: Notify,
    /// A request waits for a reading, so that it comes before those that nobody waits for.
    wanted: watch::Sender<bool>,
    asked: Mutex<Option<Instant>>,
    rest: RestState,
    /// What the state's schema was made of.
    viewed: Mutex<Viewed>,
    /// What holds when the database belongs to somebody else; none when it is ours.
    terms: Option<Arc<Terms>>,
    /// What the last failure came from; for administrators, because it may name hosts.
    trouble: Mutex<Option<String>>,
    /// Readings of the catalog that failed.
    failures: AtomicU64,
    /// It turned out to be a gateway's own store, where keys and secrets are.
    sealed: AtomicBool,
}

impl Upstream {
    pub(super) fn new(
        name: ClientName,
        backend: Arc<dyn Backend>,
        info: ClientInfo,
        resilience: &ResilienceSettings,
    ) -> Self {
        let terms = info.record.as_deref().and_then(Terms::of).map(Arc::new);
        let unique = || uuid::Uuid::new_v4().to_string();
        Self {
            name,
            backend,
            fingerprint: info.fingerprint.clone().unwrap_or_else(unique),
            gate: Arc::new(Gate::new(resilience)),
            info: ArcSwap::from_pointee(info.clone()),
            own: info,
            state: ArcSwap::from_pointee(SchemaState::Connecting),
            finished: watch::Sender::new(Readings::default()),
            wake: Notify::new(),
            wanted: watch::Sender::new(false),
            asked: Mutex::new(None),
            rest: RestState::default(),
            viewed: Mutex::default(),
            terms,
            trouble: Mutex::new(None),
            failures: AtomicU64::new(0),
            sealed: AtomicBool::new(false),
        }
    }

    /// Nobody goes there through the gateway, whatever it is called and whatever they may.
    pub(crate) fn is_sealed(&self) -> bool {
        self.sealed.load(Ordering::Acquire)
    }

    pub(super) fn seal(&self) {
        self.sealed.store(true, Ordering::Release);
    }

    /// For what is run without looking at the schema: wait a moment until it was looked at once.
    pub(crate) async fn looked_at(&self) -> Result<(), GatewayError> {
        if let SchemaState::Connecting = &**self.state.load() {
            self.want();
            let mut finished = self.finished.subscribe();
            if timeout(PATIENCE, finished.wait_for(|readings| readings.finished > 0)).await.is_err()
            {
                return Err(self.unavailable("still connecting"));
            }
        }
        if self.is_sealed() {
            let name = self.name.to_string();
            return Err(GatewayError::Closed { name, kind: ClosedKind::Blocked });
        }
        Ok(())
    }

    /// Why it cannot answer, in words that may name hosts.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note_trouble(&self, trouble: String) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
    }

    pub(super) fn count_failure(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// How often it was tried in vain.
    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    pub fn name(&self) -> &ClientName {
        &self.name
    }

    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    pub fn info(&self) -> Guard<Arc<ClientInfo>> {
        self.info.load()
    }

    /// As it was registered.
    pub(crate) fn own_info(&self) -> &ClientInfo {
        &self.own
    }

    /// Let it differ from how it was registered in what the document says, and in nothing else.
    pub(super) fn tune(&self, overrides: &Overrides) {
        self.info.store(Arc::new(effective(&self.own, overrides)));
    }

    /// What holds for it when the database belongs to somebody else.
    pub fn terms(&self) -> Option<&Terms> {
        self.terms.as_deref()
    }

    /// The same, for work that goes on without the client.
    pub(crate) fn shared_terms(&self) -> Option<Arc<Terms>> {
        self.terms.clone()
    }

    /// How long to wait for an answer that somebody else asked for: where the client's own limit is
    /// told, its own end is waited for.
    pub(crate) fn patience(&self, time: Duration) -> Duration {
        if self.terms().is_some() { time + GRACE } else { time }
    }

    pub(crate) fn rest_state(&self) -> &RestState {
        &self.rest
    }

    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    pub(crate) fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// Which tables change with which, as far as is known now.
    pub(crate) fn cascades(&self) -> Arc<Cascades> {
        match &**self.state.load() {
            SchemaState::Ready(_, cascades) => Arc::clone(cascades),
            SchemaState::Connecting | SchemaState::Unavailable { .. } => Arc::default(),
        }
    }

    /// The schema as far as it is known now, without waiting for it.
    pub(crate) fn known(&self) -> Option<(Arc<SchemaCache>, Arc<Cascades>)> {
        match &**self.state.load() {
            SchemaState::Ready(cache, cascades) => Some((Arc::clone(cache), Arc::clone(cascades))),
            SchemaState::Connecting | SchemaState::Unavailable { .. } => None,
        }
    }

    /// A table as last read, without waiting for anything.
    pub(crate) fn known_table(&self, name: &QualifiedName) -> Option<Arc<Table>> {
        match &**self.state.load() {
            SchemaState::Ready(cache, _) => match cache.binding(name) {
                // What a resource stands for is what is read and written.
                Some(binding) => Some(Arc::clone(&binding.table)),
                None => cache.table(Some(name.schema.as_str()), name.name.as_str()).cloned(),
            },
            SchemaState::Connecting | SchemaState::Unavailable { .. } => None,
        }
    }

    pub fn readiness(&self) -> Readiness {
        match &**self.state.load() {
            SchemaState::Connecting => Readiness::Connecting,
            SchemaState::Ready(..) => Readiness::Ready,
            SchemaState::Unavailable { reason } => {
                Readiness::Unavailable { reason: reason.clone() }
            }
        }
    }

    pub fn summary(&self) -> ClientSummary {
        let backend = match &**self.state.load() {
            SchemaState::Ready(cache, _) => cache.server_version.clone(),
            SchemaState::Connecting | SchemaState::Unavailable { .. } => String::new(),
        };
        ClientSummary {
            name: self.name.clone(),
            backend,
            environment: self.info().environment.clone(),
            readiness: self.readiness(),
        }
    }

    /// The same of one that nobody asked for yet.
    pub(super) fn summary_of_a_sleeper(name: &ClientName) -> ClientSummary {
        ClientSummary {
            name: name.clone(),
            backend: String::new(),
            environment: None,
            readiness: Readiness::Connecting,
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        matches!(&**self.state.load(), SchemaState::Ready(..))
    }

    /// Until the time is over or somebody asks.
    pub(super) async fn rest(&self, time: Duration) {
        let _ = timeout(time, self.wake.notified()).await;
    }

    fn unavailable(&self, reason: &str) -> GatewayError {
        GatewayError::Unavailable { name: self.name.to_string(), reason: reason.to_owned() }
    }
}
