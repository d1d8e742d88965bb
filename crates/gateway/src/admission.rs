//! Which requests are let in: how many, of whom, for which client, on this node or on all together.

mod decisions;
mod desk;
mod error;
mod limits;
mod weigh;

use decisions::Decisions;
pub use error::AdmissionError;
pub use limits::{Limits, LimitsInput};
pub use weigh::{Arrival, Overflow, Recognised, Weighed};

use ::admission::Limiter;
use arc_swap::ArcSwap;
use std::{
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};
use store::{AdmissionLog, ChangeFeed, Store, Topic};
use tokio::{
    sync::watch,
    task::AbortHandle,
    time::{sleep, timeout},
};

/// How often to look without being told.
const POLL: Duration = Duration::from_secs(30);

/// Admission as one node does it. Cheap to clone.
#[derive(Clone)]
pub struct Admission {
    inner: Arc<Inner>,
}

struct Inner {
    own: Arc<Limits>,
    current: ArcSwap<Limits>,
    limiter: Limiter,
    /// Count in Redis where it can be reached.
    is_shared: bool,
    table: Option<Table>,
    upkeep: OnceLock<Upkeep>,
    decisions: Decisions,
}

struct Table {
    store: Store,
    log: AdmissionLog,
}

/// The task that hears of other limits; it ends with this.
struct Upkeep(AbortHandle);

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Admission {
    /// These limits and no others, with nothing written down.
    pub fn fixed(limits: Limits, is_shared: bool) -> Self {
        Self::assemble(limits, is_shared, None)
    }

    /// These limits until administrators set others for all nodes. Must be called within a tokio
    /// runtime.
    pub fn start(
        limits: Limits,
        is_shared: bool,
        (store, feed, log): (Store, &ChangeFeed, AdmissionLog),
    ) -> Self {
        let admission = Self::assemble(limits, is_shared, Some(Table { store, log }));
        let inner = Arc::downgrade(&admission.inner);
        let upkeep = tokio::spawn(follow(inner, feed.watch(Topic::Admission)));
        // Set once: this one was just made.
        let _ = admission.inner.upkeep.set(Upkeep(upkeep.abort_handle()));
        admission
    }

    fn assemble(limits: Limits, is_shared: bool, table: Option<Table>) -> Self {
        let own = Arc::new(limits);
        let inner = Inner {
            current: ArcSwap::new(Arc::clone(&own)),
            own,
            limiter: Limiter::default(),
            is_shared,
            table,
            upkeep: OnceLock::new(),
            decisions: Decisions::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// What was decided since the start: decision, bucket and how often.
    pub(crate) fn decided(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        self.inner.decisions.read()
    }

    /// Events that were not written down.
    pub(crate) fn dropped(&self) -> u64 {
        self.inner.table.as_ref().map_or(0, |table| table.log.dropped())
    }

    /// What applies at this moment.
    pub fn limits(&self) -> Arc<Limits> {
        self.inner.current.load_full()
    }
}

async fn follow(inner: Weak<Inner>, mut told: watch::Receiver<u64>) {
    loop {
        let Some(inner) = inner.upgrade() else { return };
        inner.reload().await;
        drop(inner);
        // Whoever is told nothing looks now and then.
        if let Ok(Err(_the_feed_ended)) = timeout(POLL, told.changed()).await {
            sleep(POLL).await;
        }
    }
}

impl Inner {
    /// When the store cannot be read, what was read last stays in force.
    async fn reload(&self) {
        let Some(table) = &self.table else { return };
        let found = match table.store.admission_limits().await {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "the limits of admission cannot be read"
                );
                return;
            }
        };
        let limits = match found.map(Limits::from_json).transpose() {
            Ok(limits) => limits.map_or_else(|| Arc::clone(&self.own), Arc::new),
            Err(error) => {
                tracing::warn!(%error, "the stored limits of admission cannot be understood");
                return;
            }
        };
        self.current.store(limits);
    }
}
