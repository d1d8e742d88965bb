//! Which requests are let in: how many, of whom, for which client, on this node or on all together.

mod desk;
mod error;
mod limits;
mod weigh;

pub use error::AdmissionError;
pub use limits::{Limits, LimitsInput};
pub use weigh::{Arrival, Overflow, Weighed};

use ::admission::Limiter;
use arc_swap::ArcSwap;
use std::{sync::Arc, time::Duration};
use store::{AdmissionLog, ChangeFeed, Store, Topic};
use tokio::{task::AbortHandle, time::timeout};

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
}

struct Table {
    store: Store,
    log: AdmissionLog,
    _upkeep: Upkeep,
}

struct Upkeep(AbortHandle);

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Admission {
    /// These limits and no others, with nothing written down.
    pub fn fixed(limits: Limits, is_shared: bool) -> Self {
        Self::assemble(Arc::new(limits), is_shared, |_| None)
    }

    /// These limits until administrators set others for all nodes. Must be called within a tokio
    /// runtime.
    pub fn start(
        limits: Limits,
        is_shared: bool,
        (store, feed, log): (Store, &ChangeFeed, AdmissionLog),
    ) -> Self {
        let mut told = feed.watch(Topic::Admission);
        Self::assemble(Arc::new(limits), is_shared, |inner| {
            let (inner, source) = (inner.clone(), store.clone());
            let upkeep = tokio::spawn(async move {
                loop {
                    let Some(inner) = inner.upgrade() else { return };
                    inner.reload(&source).await;
                    drop(inner);
                    // Whoever is told nothing looks now and then.
                    let _ = timeout(POLL, told.changed()).await;
                }
            });
            Some(Table { store, log, _upkeep: Upkeep(upkeep.abort_handle()) })
        })
    }

    fn assemble(
        own: Arc<Limits>,
        is_shared: bool,
        table: impl FnOnce(&std::sync::Weak<Inner>) -> Option<Table>,
    ) -> Self {
        let inner = Arc::new_cyclic(|weak| Inner {
            current: ArcSwap::new(Arc::clone(&own)),
            own,
            limiter: Limiter::default(),
            is_shared,
            table: table(weak),
        });
        Self { inner }
    }

    /// What applies at this moment.
    pub fn limits(&self) -> Arc<Limits> {
        self.inner.current.load_full()
    }
}

impl Inner {
    /// When the store cannot be read, what was read last stays in force.
    async fn reload(&self, store: &Store) {
        let found = match store.admission_limits().await {
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
