//! One client: its database, what we know of its schema, and whether it can answer now.

use crate::{
    answers::Cascades,
    error::GatewayError,
    resilience::{Gate, ResilienceSettings},
    rest::{RestSettings, RestState},
};
use api_types::{
    ClientName,
    console::{ClientSummary, Readiness},
};
use arc_swap::ArcSwap;
use backend::{Backend, BackendError};
use catalog::{QualifiedName, SchemaCache, Table};
use query::request::ResponseCase;
use std::{
    sync::{Arc, Mutex, PoisonError},
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
    info: ClientInfo,
    fingerprint: String,
    gate: Arc<Gate>,
    state: ArcSwap<SchemaState>,
    finished: watch::Sender<Readings>,
    wake: Notify,
    asked: Mutex<Option<Instant>>,
    rest: RestState,
}

impl Upstream {
    pub(super) fn new(
        name: ClientName,
        backend: Arc<dyn Backend>,
        info: ClientInfo,
        resilience: &ResilienceSettings,
    ) -> Self {
        let unique = || uuid::Uuid::new_v4().to_string();
        Self {
            name,
            backend,
            fingerprint: info.fingerprint.clone().unwrap_or_else(unique),
            gate: Arc::new(Gate::new(resilience)),
            info,
            state: ArcSwap::from_pointee(SchemaState::Connecting),
            finished: watch::Sender::new(Readings::default()),
            wake: Notify::new(),
            asked: Mutex::new(None),
            rest: RestState::default(),
        }
    }

    pub fn name(&self) -> &ClientName {
        &self.name
    }

    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    pub fn info(&self) -> &ClientInfo {
        &self.info
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
            SchemaState::Ready(cache, _) => {
                cache.table(Some(name.schema.as_str()), name.name.as_str()).cloned()
            }
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
            environment: self.info.environment.clone(),
            readiness: self.readiness(),
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
        self.wake.notify_one();
    }

    pub(super) fn set(&self, state: SchemaState) {
        self.state.store(Arc::new(state));
    }

    /// Until the catalog was read once, well or badly.
    pub(super) async fn settled(&self) {
        // The sender lives as long as this does, so there is nothing to wait for in vain.
        let _ = self.finished.subscribe().wait_for(|readings| readings.finished > 0).await;
    }

    pub(super) fn is_ready(&self) -> bool {
        matches!(&**self.state.load(), SchemaState::Ready(..))
    }

    pub(super) fn begin(&self) {
        self.finished.send_modify(|readings| readings.is_running = true);
    }

    pub(super) fn finish(&self) {
        self.finished.send_modify(|readings| {
            *readings = Readings { finished: readings.finished + 1, is_running: false };
        });
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
