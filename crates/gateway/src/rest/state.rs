//! What one client's surface offers: read once, shared by all, read again when the database says so.

use super::{roles::RoleSettings, seen};
use crate::{error::GatewayError, registry::Upstream};
use arc_swap::ArcSwapOption;
use backend::BackendError;
use catalog::SchemaCache as Catalog;
use postgrest::schema::{SchemaCache, Scope};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex as SyncMutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Mutex, time::Instant};

/// Where PostgREST listens.
const CHANNEL: &str = "pgrst";

/// The least time between two readings that unknown names ask for.
const PAUSE: Duration = Duration::from_secs(3);

/// Between two attempts to listen; doubled up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The PostgREST surface of one client. Nothing is read before somebody asks.
#[derive(Debug, Default)]
pub(crate) struct RestState {
    /// By the schemas that are exposed together.
    known: SyncMutex<BTreeMap<Vec<String>, Arc<Known>>>,
    roles: ArcSwapOption<RoleSettings>,
    listens: AtomicBool,
}

/// What is known of schemas that are exposed together.
#[derive(Debug)]
pub(super) struct Known {
    scope: Scope,
    cache: ArcSwapOption<SchemaCache>,
    /// What is seen of it, where that is not all of it.
    seen: ArcSwapOption<Seen>,
    /// When it was last read, or tried to. Readings take turns.
    reading: Mutex<Option<Instant>>,
    is_stale: AtomicBool,
}

/// A view, and what it was made of.
#[derive(Debug)]
struct Seen {
    raw: Arc<SchemaCache>,
    catalog: Arc<Catalog>,
    seen: Arc<SchemaCache>,
}

impl RestState {
    /// The settings of roles as last read.
    pub(super) fn roles(&self) -> Arc<RoleSettings> {
        self.roles.load_full().unwrap_or_default()
    }

    /// There are no more of them than schemas in the database.
    pub(super) fn of(&self, scope: Scope) -> Arc<Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&scope.schemas) {
            return Arc::clone(known);
        }
        let schemas = scope.schemas.clone();
        Arc::clone(known.entry(schemas).or_insert_with(|| Arc::new(Known::new(scope))))
    }

    fn all(&self) -> Vec<Arc<Known>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.values().map(Arc::clone).collect()
    }

    /// The database changed: the next request has it read again, without waiting for that.
    pub(crate) fn outdated(&self) {
        for known in self.all() {
            known.is_stale.store(true, Ordering::Release);
        }
    }
}

impl Known {
    fn new(scope: Scope) -> Self {
        Self {
            scope,
            cache: ArcSwapOption::empty(),
            seen: ArcSwapOption::empty(),
            reading: Mutex::new(None),
            is_stale: AtomicBool::new(false),
        }
    }
}

impl Upstream {
    /// What is seen of the schema as last read.
    pub(super) async fn rest_schema(
        self: &Arc<Self>,
        known: &Arc<Known>,
    ) -> Result<Arc<SchemaCache>, GatewayError> {
        let raw = self.whole_rest_schema(known).await?;
        if self.terms().is_none() && self.imports_nothing() {
            return Ok(raw);
        }
        let catalog = self.schema().await?;
        let made = known
            .seen
            .load_full()
            .filter(|made| Arc::ptr_eq(&made.raw, &raw) && Arc::ptr_eq(&made.catalog, &catalog));
        if let Some(made) = made {
            return Ok(Arc::clone(&made.seen));
        }
        let seen = Arc::new(seen::of(self, &raw, &catalog));
        let made = Seen { raw, catalog, seen: Arc::clone(&seen) };
        known.seen.store(Some(Arc::new(made)));
        Ok(seen)
    }

    /// The schema as last read; read now when it never was.
    async fn whole_rest_schema(
        self: &Arc<Self>,
        known: &Arc<Known>,
    ) -> Result<Arc<SchemaCache>, GatewayError> {
        if let Some(cache) = known.cache.load_full() {
            if known.is_stale.swap(false, Ordering::AcqRel) {
                let (upstream, known) = (Arc::clone(self), Arc::clone(known));
                tokio::spawn(async move { upstream.read_rest(&known, None).await });
            }
            return Ok(cache);
        }
        self.read_rest(known, Some(Instant::now())).await?;
        known.cache.load_full().ok_or_else(|| self.not_read())
    }

    /// Read it again for a name that is not known, unless that was done just before.
    ///
    /// True when it was read since: a flood of misspelt names must not become a flood of readings.
    pub(super) async fn refresh_rest(self: &Arc<Self>, known: &Known) -> bool {
        let asked = Instant::now();
        let last = *known.reading.lock().await;
        if last.is_some_and(|last| last < asked && asked - last < PAUSE) {
            return false;
        }
        self.read_rest(known, Some(asked)).await.is_ok()
    }

    /// One reading that begins after `asked` serves everybody who waits for it.
    async fn read_rest(
        self: &Arc<Self>,
        known: &Known,
        asked: Option<Instant>,
    ) -> Result<(), GatewayError> {
        let mut began = known.reading.lock().await;
        let is_fresh = began.zip(asked).is_some_and(|(began, asked)| began >= asked);
        if is_fresh {
            // It is known by now, or somebody tried in vain since.
            return known.cache.load().as_ref().map(drop).ok_or_else(|| self.not_read());
        }
        *began = Some(Instant::now());
        self.listen();
        let schema = self.backend().introspect_rest(&known.scope);
        let roles = RoleSettings::read(&**self.backend());
        match tokio::try_join!(schema, roles) {
            Ok((cache, roles)) => {
                self.rest_state().roles.store(Some(Arc::new(roles)));
                known.cache.store(Some(Arc::new(cache)));
                Ok(())
            }
            Err(error) => {
                tracing::warn!(client = %self.name(), %error, "the REST schema was not read");
                // Else nobody would try again.
                known.is_stale.store(true, Ordering::Release);
                self.learn(&error);
                Err(GatewayError::Backend { source: error, operation: None })
            }
        }
    }

    /// Read all that is known again, because it is another now, and wait for it.
    pub(crate) async fn reread_rest(self: &Arc<Self>) {
        let asked = Instant::now();
        for known in self.rest_state().all() {
            if known.cache.load().is_some() && self.read_rest(&known, Some(asked)).await.is_err() {
                tracing::warn!(client = %self.name(), "the REST schema is older than its database");
            }
        }
    }

    fn not_read(&self) -> GatewayError {
        let reason = "the schema could not be read".to_owned();
        GatewayError::Unavailable { name: self.name().to_string(), reason }
    }

    fn listen(self: &Arc<Self>) {
        if !self.rest_state().listens.swap(true, Ordering::AcqRel) {
            tokio::spawn(listen(Arc::downgrade(self)));
        }
    }
}

/// Until the client is gone, or its database cannot notify.
async fn listen(upstream: Weak<Upstream>) {
    let mut wait = FIRST_WAIT;
    let mut was_away = false;
    loop {
        let Some(held) = upstream.upgrade() else { return };
        let backend = Arc::clone(held.backend());
        let name = held.name().clone();
        drop(held);
        let began = Instant::now();
        let told = Weak::clone(&upstream);
        // What was said while nobody listened has to be looked for.
        let missed = AtomicBool::new(was_away);
        let heard = move |message: &str| {
            let began_listening = message.is_empty() && !missed.swap(true, Ordering::AcqRel);
            if let Some(upstream) = told.upgrade().filter(|_| !began_listening) {
                hear(&upstream, message);
            }
        };
        let listening = async {
            tokio::select! {
                ended = backend.listen(CHANNEL, &heard) => ended,
                () = gone(&upstream) => Err(BackendError::Closed),
            }
        };
        match listening.await {
            Err(BackendError::NotSupported { .. } | BackendError::Closed) => return,
            Err(error) => tracing::debug!(client = %name, %error, "nobody hears notifications"),
            Ok(()) => tracing::debug!(client = %name, "listening ended"),
        }
        was_away = true;
        if began.elapsed() > LONGEST_WAIT {
            wait = FIRST_WAIT;
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// Until the client is no longer there.
async fn gone(upstream: &Weak<Upstream>) {
    while upstream.strong_count() > 0 {
        tokio::time::sleep(FIRST_WAIT).await;
    }
}

/// `NOTIFY pgrst` and `NOTIFY pgrst, 'reload schema'`; there is no configuration in the database.
fn hear(upstream: &Arc<Upstream>, message: &str) {
    if matches!(message, "" | "reload schema") {
        // However often: one reading at a time serves all.
        upstream.suspect();
        // Read at once, so that the next request meets the new schema.
        for known in upstream.rest_state().all() {
            let upstream = Arc::clone(upstream);
            tokio::spawn(async move { upstream.read_rest(&known, None).await });
        }
    }
}
