//! Hear of changes, read now and then in case one was missed, and write down last uses.

use super::Inner;
use std::{collections::BTreeSet, mem, sync::Weak, time::Duration};
use store::{KeyChanged, KeyChanges};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval_at},
};

const POLL: Duration = Duration::from_secs(30);
const WRITE: Duration = Duration::from_secs(10);
/// How long to leave a store alone that did not let us listen.
const AGAIN: Duration = Duration::from_secs(1);

/// Of more keys than this, all are read.
const MANY: usize = 200;

/// What was heard and not read yet.
#[derive(Debug, Default, PartialEq, Eq)]
struct News {
    keys: BTreeSet<i64>,
    anything: bool,
}

impl News {
    fn add(&mut self, changed: KeyChanged) {
        match changed {
            KeyChanged::Key(row) if !self.anything => {
                self.keys.insert(row);
                self.anything = self.keys.len() > MANY;
            }
            KeyChanged::Key(_) => {}
            KeyChanged::Anything => self.anything = true,
        }
        if self.anything {
            self.keys.clear();
        }
    }
}

/// Until the ring is closed, or nobody holds it any more.
pub(super) async fn run(
    ring: Weak<Inner>,
    mut end: watch::Receiver<bool>,
    mut changes: Option<KeyChanges>,
) {
    let mut poll = every(POLL);
    let mut write = every(WRITE);
    let mut news = News::default();
    loop {
        let there = tokio::select! {
            closed = closed(&mut end) => {
                // A ring that is gone took its uses with it.
                if closed {
                    write_down(&ring).await;
                }
                return;
            }
            () = changed(&ring, &mut changes, &mut news) => reload(&ring, mem::take(&mut news)).await,
            _ = poll.tick() => reload(&ring, News { anything: true, ..News::default() }).await,
            _ = write.tick() => write_down(&ring).await,
        };
        if there.is_none() {
            return;
        }
    }
}

/// Wait for word of a change. Beginning to listen counts as one: who knows what was missed.
/// What was heard stays heard when nobody waits any more.
async fn changed(ring: &Weak<Inner>, listening: &mut Option<KeyChanges>, news: &mut News) {
    if let Some(changes) = listening {
        match changes.next().await {
            Ok(first) => {
                news.add(first);
                while let Some(more) = changes.heard() {
                    news.add(more);
                }
            }
            Err(_lost) => {
                news.add(KeyChanged::Anything);
                *listening = None;
                tokio::time::sleep(AGAIN).await;
            }
        }
        return;
    }
    loop {
        let Some(store) = ring.upgrade().map(|inner| inner.store.clone()) else { return };
        if let Ok(changes) = store.key_changes().await {
            news.add(KeyChanged::Anything);
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

async fn reload(ring: &Weak<Inner>, news: News) -> Option<()> {
    let inner = ring.upgrade()?;
    let read = match news.anything {
        true => inner.reload().await,
        false => inner.reload_rows(news.keys.into_iter().collect()).await,
    };
    if let Err(error) = read {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_keys_are_read_by_themselves_and_many_with_all_others() {
        let mut news = News::default();
        (0..MANY as i64).chain(0..5).for_each(|row| news.add(KeyChanged::Key(row)));
        assert!(!news.anything && news.keys.len() == MANY);
        news.add(KeyChanged::Key(-1));
        assert_eq!(news, News { anything: true, ..News::default() });
        news.add(KeyChanged::Key(7));
        assert_eq!(news, News { anything: true, ..News::default() });
    }
}
