//! What is known of a client's schema, and when it is read again.

use super::{PATIENCE, Readings, SchemaState, Upstream};
use crate::{
    answers::Cascades, error::GatewayError, federation::Viewed, registry::supervisor::is_own_store,
};
use backend::BackendError;
use catalog::SchemaCache;
use federation::Resource;
use std::{
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// The least time between two refreshes that requests ask for.
const REFRESH_PAUSE: Duration = Duration::from_secs(3);

/// How long a change of structure waits for the catalog to be read after it.
const REREAD_PATIENCE: Duration = Duration::from_secs(10);

/// How long a request waits for the refresh it asked for.
const REFRESH_PATIENCE: Duration = Duration::from_secs(2);

impl Upstream {
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

    pub(in crate::registry) fn set(&self, state: SchemaState) {
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
}

/// Undefined table, column, function or type, or a type that is no longer what it was.
fn is_stale(sqlstate: &str) -> bool {
    matches!(sqlstate, "42P01" | "42703" | "42704" | "42804" | "42883")
}
