//! One client: its database, what we know of its schema, and whether it can answer now.

mod wanted;

use super::{ClosedKind, supervisor::is_own_store};
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
use backend::{Backend, BackendError};
use catalog::{QualifiedName, SchemaCache, Table};
use datasources::ClientRecord;
use federation::Resource;
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

/// The least time between two refreshes that requests ask for.
const REFRESH_PAUSE: Duration = Duration::from_secs(3);

/// How long a change of structure waits for the catalog to be read after it.
const REREAD_PATIENCE: Duration = Duration::from_secs(10);

/// How long a request waits for the refresh it asked for.
const REFRESH_PATIENCE: Duration = Duration::from_secs(2);

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

    /// The schema as last read, if the client can answer at this moment.
    pub(crate) fn schema_now(&self) -> Option<Arc<SchemaCache>> {
        match &**self.state.load() {
            SchemaState::Ready(cache, _) => Some(Arc::clone(cache)),
            SchemaState::Connecting | SchemaState::Unavailable { .. } => None,
        }
    }

    /// The schema as last read. Waits a moment for a client that is still connecting.
    pub async fn schema(&self) -> Result<Arc<SchemaCache>, GatewayError> {
        if !self.is_ready() {
            self.want();
        }
        if let SchemaState::Connecting = &**self.state.load() {
            let mut finished = self.finished.subscribe();
            // A client that stays silent is answered for below, as is one that failed.
            let _ = timeout(PATIENCE, finished.wait_for(|readings| readings.finished > 0)).await;
        }
        match &**self.state.load() {
            SchemaState::Ready(cache, _) => Ok(Arc::clone(cache)),
            SchemaState::Connecting => Err(self.unavailable("still connecting")),
            SchemaState::Unavailable { reason } => Err(self.unavailable(reason)),
        }
    }

    /// Read the catalog again, together with everybody who asks now, and wait for it a moment.
    ///
    /// Asked again too soon it does nothing: a flood of misspelt names must not become a flood of introspections.
    pub async fn refresh(&self) {
        let mut finished = self.finished.subscribe();
        let before = finished.borrow_and_update().finished;
        if self.ask() {
            // Too slow is no failure: the request goes on with what is known.
            let read = finished.wait_for(|readings| readings.finished > before);
            let _ = timeout(REFRESH_PATIENCE, read).await;
        }
    }

    /// Read the catalog now, because it is known to be another, and wait for it. False when that
    /// took too long.
    pub(crate) async fn reread(&self) -> bool {
        self.want();
        let mut finished = self.finished.subscribe();
        let Readings { finished: before, is_running } = *finished.borrow_and_update();
        // One that runs may have looked before the change was there.
        let enough = before + 1 + u64::from(is_running);
        self.wake.notify_one();
        let read = finished.wait_for(|readings| readings.finished >= enough);
        timeout(REREAD_PATIENCE, read).await.is_ok()
    }

    /// Have the supervisor look soon, without waiting for it. False when somebody asked just before.
    pub fn ask(&self) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.is_some_and(|when| when.elapsed() < REFRESH_PAUSE) {
            return false;
        }
        *asked = Some(Instant::now());
        self.want();
        self.wake.notify_one();
        true
    }

    /// Learn from a failed statement: a dead database, or a schema that has moved on.
    pub(crate) fn learn(&self, error: &BackendError) {
        match error {
            BackendError::Unreachable { .. } => self.suspect(),
            BackendError::Database(database) if is_stale(&database.sqlstate) => {
                self.ask();
            }
            BackendError::InStatement { source, .. } => self.learn(source),
            _ => {}
        }
    }

    /// A request met a dead database: have the supervisor find out whether it was more than one connection.
    pub(crate) fn suspect(&self) {
        self.want();
        self.wake.notify_one();
    }

    pub(super) fn set(&self, state: SchemaState) {
        self.state.store(Arc::new(state));
    }

    /// The catalog was read: what is seen of it is known now.
    pub(crate) fn learn_schema(&self, raw: SchemaCache) {
        let mut viewed = self.viewed();
        viewed.raw = Some(Arc::new(raw));
        self.show(&viewed);
    }

    /// Read the catalog now, not longer than this; what is seen of it is known afterwards.
    pub(crate) async fn look(&self, limit: Duration) -> Result<Arc<SchemaCache>, BackendError> {
        let read = timeout(limit, self.backend.introspect()).await;
        let raw = read.map_err(|_elapsed| BackendError::Timeout).flatten()?;
        if is_own_store(&raw) {
            self.seal();
            return Err(BackendError::Closed);
        }
        self.learn_schema(raw);
        let (raw, _) = self.behind();
        raw.ok_or(BackendError::Closed)
    }

    /// What was imported of it is something else now.
    pub(crate) fn show_resources(&self, resources: Arc<[Resource]>) {
        let mut viewed = self.viewed();
        if *viewed.resources != *resources {
            viewed.resources = resources;
            if self.is_ready() {
                self.show(&viewed);
            }
        }
    }

    /// The whole catalog as last read, and what was imported of it: for administrators.
    pub(crate) fn behind(&self) -> (Option<Arc<SchemaCache>>, Arc<[Resource]>) {
        let viewed = self.viewed();
        (viewed.raw.clone(), Arc::clone(&viewed.resources))
    }

    /// Nothing of it was imported.
    pub(crate) fn imports_nothing(&self) -> bool {
        match &**self.state.load() {
            SchemaState::Ready(cache, _) => cache.bindings().is_empty(),
            SchemaState::Connecting | SchemaState::Unavailable { .. } => true,
        }
    }

    fn viewed(&self) -> std::sync::MutexGuard<'_, Viewed> {
        self.viewed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, viewed: &Viewed) {
        let (Some(raw), Some(seen)) = (&viewed.raw, viewed.seen(self.terms())) else { return };
        // What changes with what is the database's own affair, whatever is shown of it.
        self.set(SchemaState::Ready(seen, Arc::new(Cascades::of(raw))));
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

/// Undefined table, column, function or type, or a type that is no longer what it was.
fn is_stale(sqlstate: &str) -> bool {
    matches!(sqlstate, "42P01" | "42703" | "42704" | "42804" | "42883")
}
