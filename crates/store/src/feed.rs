//! Hearing of changes to the store, whoever made them: one connection for every topic.

use crate::{Store, StoreError};
use sqlx::postgres::PgListener;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::watch, task::JoinHandle};

/// What changed. Triggers notify `athena_changes` with the topic's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    Clients,
    ClientConfigs,
    PublicRoutes,
    Admission,
    Deferred,
    /// Structure of a client's database was changed through a node.
    Structure,
    Federation,
    People,
}

impl Topic {
    pub const ALL: [Self; 8] = [
        Self::Clients,
        Self::ClientConfigs,
        Self::PublicRoutes,
        Self::Admission,
        Self::Deferred,
        Self::Structure,
        Self::Federation,
        Self::People,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::ClientConfigs => "client_configs",
            Self::PublicRoutes => "public_routes",
            Self::Admission => "admission",
            Self::Deferred => "deferred",
            Self::Structure => "structure",
            Self::Federation => "federation",
            Self::People => "people",
        }
    }

    const fn place(self) -> usize {
        self as usize
    }
}

const CHANNEL: &str = "athena_changes";

/// How long to leave a store alone that did not let us listen.
const AGAIN: Duration = Duration::from_secs(1);

/// Cheap to clone; every clone is the same feed, which ends with the last of them.
#[derive(Clone)]
pub struct ChangeFeed {
    inner: Arc<Inner>,
}

struct Inner {
    counts: Arc<Counts>,
    task: JoinHandle<()>,
}

struct Counts {
    topics: [watch::Sender<u64>; Topic::ALL.len()],
    is_listening: AtomicBool,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ChangeFeed {
    /// Begin to listen, for as long as it takes to be let in. Must be called within a tokio runtime.
    pub fn start(store: Store) -> Self {
        let topics = std::array::from_fn(|_| watch::Sender::new(0));
        let counts = Arc::new(Counts { topics, is_listening: AtomicBool::new(false) });
        let task = tokio::spawn(listen(store, Arc::clone(&counts)));
        Self { inner: Arc::new(Inner { counts, task }) }
    }

    /// Counts the changes of one topic. It also counts each time that listening began, for what
    /// was said before nobody heard.
    pub fn watch(&self, topic: Topic) -> watch::Receiver<u64> {
        self.inner.counts.of(topic).subscribe()
    }

    /// Whether changes are heard at this moment.
    pub fn is_listening(&self) -> bool {
        self.inner.counts.is_listening.load(Ordering::Relaxed)
    }

    /// How many changes of one topic were counted.
    pub fn counted(&self, topic: Topic) -> u64 {
        *self.inner.counts.of(topic).borrow()
    }

    /// Stop listening.
    pub fn close(&self) {
        self.inner.task.abort();
    }
}

impl Counts {
    fn of(&self, topic: Topic) -> &watch::Sender<u64> {
        &self.topics[topic.place()]
    }

    fn count(&self, topic: Topic) {
        self.of(topic).send_modify(|count| *count += 1);
    }

    fn heard(&self, word: &str) {
        // A newer node may speak of what is not known here.
        let known = Topic::ALL.into_iter().find(|topic| topic.word() == word);
        known.into_iter().for_each(|topic| self.count(topic));
    }
}

async fn listen(store: Store, counts: Arc<Counts>) {
    loop {
        let heard = hear(&store, &counts).await;
        counts.is_listening.store(false, Ordering::Relaxed);
        if let Err(error) = heard {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "changes of the store are not heard"
            );
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Until the connection is lost.
async fn hear(store: &Store, counts: &Counts) -> Result<(), StoreError> {
    let mut listener = PgListener::connect_with(&store.pool).await?;
    listener.listen(CHANNEL).await?;
    counts.is_listening.store(true, Ordering::Relaxed);
    Topic::ALL.into_iter().for_each(|topic| counts.count(topic));
    while let Some(message) = listener.try_recv().await? {
        counts.heard(message.payload());
    }
    Ok(())
}

impl Store {
    /// Say that something changed which no table's trigger tells of.
    pub async fn announce(&self, topic: Topic) -> Result<(), StoreError> {
        sqlx::query("select pg_notify($1, $2)")
            .bind(CHANNEL)
            .bind(topic.word())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_has_its_own_place_and_word() {
        for (place, topic) in Topic::ALL.into_iter().enumerate() {
            assert_eq!(topic.place(), place);
            let same = Topic::ALL.into_iter().filter(|other| other.word() == topic.word());
            assert_eq!(same.count(), 1, "{topic:?}");
        }
    }
}
