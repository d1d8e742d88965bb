//! How long the queue is, for whoever asks often: counted anew only now and then.

use super::Deferred;
use arc_swap::ArcSwapOption;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use store::DeferredStatus;
use tokio::{sync::Mutex, time::timeout};

/// A count this old is made again.
const FRESH: Duration = Duration::from_secs(5);

/// How long somebody waits for a new count; then the old one has to do.
const PATIENCE: Duration = Duration::from_millis(500);

/// The queue at some moment not long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueSeen {
    pub queued: u64,
    pub running: u64,
    pub dead_letter: u64,
    /// How long the one has waited that has waited longest.
    pub oldest_seconds: u64,
}

#[derive(Default)]
pub(super) struct Seen {
    last: ArcSwapOption<(Instant, QueueSeen)>,
    counting: Mutex<()>,
}

impl Deferred {
    /// The queue of the whole installation; nothing while the store cannot be asked.
    pub async fn seen(&self) -> Option<QueueSeen> {
        let Seen { last, counting } = &self.inner.seen;
        let is_fresh = |last: &Arc<(Instant, QueueSeen)>| last.0.elapsed() < FRESH;
        // One of those who ask at the same time counts, and nobody waits for them.
        if last.load().as_ref().is_none_or(|last| !is_fresh(last))
            && let Ok(_turn) = counting.try_lock()
        {
            match timeout(PATIENCE, self.counted()).await {
                Ok(Ok(seen)) => last.store(Some(Arc::new((Instant::now(), seen)))),
                Ok(Err(_)) | Err(_) => last.store(None),
            }
        }
        last.load().as_ref().map(|last| last.1)
    }

    async fn counted(&self) -> Result<QueueSeen, store::StoreError> {
        let counts = self.counts().await?;
        let of = |wanted: DeferredStatus| {
            let found = counts.by_status.iter().find(|(status, _)| *status == wanted);
            found.map_or(0, |(_, count)| *count)
        };
        Ok(QueueSeen {
            queued: of(DeferredStatus::Queued),
            running: of(DeferredStatus::Running),
            dead_letter: of(DeferredStatus::DeadLetter),
            oldest_seconds: counts.oldest_seconds,
        })
    }
}
