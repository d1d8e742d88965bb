//! What one client's surface offers: read once, shared by all, read again when the database says so.

use super::roles::RoleSettings;
use crate::{error::GatewayError, registry::Upstream};
use arc_swap::ArcSwapOption;
use backend::BackendError;
use postgrest::schema::SchemaCache;
use std::{
    sync::{
        Arc, Weak,
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

/// The schema of the PostgREST surface. Nothing is read before somebody asks.
#[derive(Debug, Default)]
pub(crate) struct RestState {
    cache: ArcSwapOption<SchemaCache>,
    roles: ArcSwapOption<RoleSettings>,
    /// When it was last read, or tried to. Readings take turns.
    reading: Mutex<Option<Instant>>,
    is_stale: AtomicBool,
    listens: AtomicBool,
}

impl RestState {
    /// The settings of roles as last read.
    pub(super) fn roles(&self) -> Arc<RoleSettings> {
        self.roles.load_full().unwrap_or_default()
    }

    /// The database changed: the next request has it read again, without waiting for that.
    pub(crate) fn outdated(&self) {
        self.is_stale.store(true, Ordering::Release);
    }
}

impl Upstream {
    /// The schema as last read; read now when it never was.
    pub(crate) async fn rest_schema(self: &Arc<Self>) -> Result<Arc<SchemaCache>, GatewayError> {
        let state = self.rest_state();
        if let Some(cache) = state.cache.load_full() {
            if state.is_stale.swap(false, Ordering::AcqRel) {
                let upstream = Arc::clone(self);
                tokio::spawn(async move { upstream.read_rest(None).await });
            }
            return Ok(cache);
        }
        self.read_rest(Some(Instant::now())).await?;
        state.cache.load_full().ok_or_else(|| self.not_read())
    }

    /// Read it again for a name that is not known, unless that was done just before.
    ///
    /// True when it was read since: a flood of misspelt names must not become a flood of readings.
    pub(crate) async fn refresh_rest(self: &Arc<Self>) -> bool {
        let asked = Instant::now();
        let state = self.rest_state();
        let last = *state.reading.lock().await;
        if last.is_some_and(|last| last < asked && asked - last < PAUSE) {
            return false;
        }
        self.read_rest(Some(asked)).await.is_ok()
    }

    /// One reading that begins after `asked` serves everybody who waits for it.
    async fn read_rest(self: &Arc<Self>, asked: Option<Instant>) -> Result<(), GatewayError> {
        let state = self.rest_state();
        let mut began = state.reading.lock().await;
        let is_fresh = began.zip(asked).is_some_and(|(began, asked)| began >= asked);
        if is_fresh {
            // It is known by now, or somebody tried in vain since.
            return state.cache.load().as_ref().map(drop).ok_or_else(|| self.not_read());
        }
        *began = Some(Instant::now());
        self.listen();
        let scope = self.info().rest.scope();
        let schema = self.backend().introspect_rest(&scope);
        let roles = RoleSettings::read(&**self.backend());
        match tokio::try_join!(schema, roles) {
            Ok((cache, roles)) => {
                state.roles.store(Some(Arc::new(roles)));
                state.cache.store(Some(Arc::new(cache)));
                Ok(())
            }
            Err(error) => {
                tracing::warn!(client = %self.name(), %error, "the REST schema was not read");
                // Else nobody would try again.
                state.outdated();
                self.learn(&error);
                Err(GatewayError::Backend { source: error, operation: None })
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
        upstream.rest_state().outdated();
        upstream.ask();
        let upstream = Arc::clone(upstream);
        // Read at once, so that the next request meets the new schema.
        tokio::spawn(async move {
            upstream.rest_state().is_stale.store(false, Ordering::Release);
            upstream.read_rest(None).await
        });
    }
}
