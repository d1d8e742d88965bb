//! Hear of changes, read now and then in case one was missed, and write down last uses.

use super::Inner;
use std::{sync::Weak, time::Duration};
use store::KeyChanges;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval_at},
};

const POLL: Duration = Duration::from_secs(30);
const WRITE: Duration = Duration::from_secs(10);
/// How long to leave a store alone that did not let us listen.
const AGAIN: Duration = Duration::from_secs(1);

/// Until the ring is closed, or nobody holds it any more.
pub(super) async fn run(ring: Weak<Inner>, mut end: watch::Receiver<bool>) {
    let mut poll = every(POLL);
    let mut write = every(WRITE);
    let mut changes = None;
    loop {
        let there = tokio::select! {
            closed = closed(&mut end) => {
                // A ring that is gone took its uses with it.
                if closed {
                    write_down(&ring).await;
                }
                return;
            }
            () = changed(&ring, &mut changes) => reload(&ring).await,
            _ = poll.tick() => reload(&ring).await,
            _ = write.tick() => write_down(&ring).await,
        };
        if there.is_none() {
            return;
        }
    }
}

/// Wait for word of a change. Beginning to listen counts as one: who knows what was missed.
async fn changed(ring: &Weak<Inner>, listening: &mut Option<KeyChanges>) {
    if let Some(changes) = listening {
        if changes.next().await.is_err() {
            *listening = None;
            tokio::time::sleep(AGAIN).await;
        }
        return;
    }
    loop {
        let Some(store) = ring.upgrade().map(|inner| inner.store.clone()) else { return };
        if let Ok(changes) = store.key_changes().await {
            *listening = Some(changes);
            return;
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// True when somebody closed the ring, false when it is gone.
async fn closed(end: &mut watch::Receiver<bool>) -> bool {
    end.wait_for(|ended| *ended).await.is_ok()
}

async fn reload(ring: &Weak<Inner>) -> Option<()> {
    let inner = ring.upgrade()?;
    if let Err(error) = inner.reload().await {
        tracing::warn!(error = &error as &dyn std::error::Error, "the API keys cannot be read");
    }
    Some(())
}

async fn write_down(ring: &Weak<Inner>) -> Option<()> {
    ring.upgrade()?.write_down().await;
    Some(())
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
