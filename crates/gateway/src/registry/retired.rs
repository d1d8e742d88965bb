//! Upstreams that were taken out of the registry: they finish what they began, and then close.

use super::Upstream;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};

/// How long requests that began before may hold on.
const GRACE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(super) struct Retired {
    leaving: Mutex<JoinSet<()>>,
    end: watch::Sender<bool>,
}

impl Default for Retired {
    fn default() -> Self {
        Self { leaving: Mutex::default(), end: watch::Sender::new(false) }
    }
}

impl Retired {
    /// Close it when nobody uses it any more, or when the grace is over.
    pub(super) fn drain(&self, upstream: Arc<Upstream>) {
        let mut leaving = self.leaving.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that are done need not be remembered.
        while leaving.try_join_next().is_some() {}
        leaving.spawn(leave(upstream, self.end.subscribe()));
    }

    /// No grace any more.
    pub(super) async fn close(&self) {
        self.end.send_replace(true);
        let leaving =
            std::mem::take(&mut *self.leaving.lock().unwrap_or_else(PoisonError::into_inner));
        leaving.join_all().await;
    }
}

async fn leave(upstream: Arc<Upstream>, mut end: watch::Receiver<bool>) {
    let until = Instant::now() + GRACE;
    // Every request holds on to its upstream for as long as it runs.
    while Arc::strong_count(&upstream) > 1 && Instant::now() < until {
        tokio::select! {
            () = sleep(LOOK) => {}
            _ = end.wait_for(|ended| *ended) => break,
        }
    }
    upstream.backend().close().await;
}
