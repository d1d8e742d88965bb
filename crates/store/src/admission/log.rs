//! Requests that were not simply let in: a bounded queue, one writer, and nobody waits for either.

use super::events;
use crate::Store;
use serde_json::Value;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinHandle,
    time::{Instant, sleep},
};

/// One request that was turned away or put off. It holds nothing of its body.
#[derive(Debug, Clone, PartialEq)]
pub struct AdmissionEvent {
    pub method: Box<str>,
    /// A listed path, never one as it was sent.
    pub route: &'static str,
    /// Only a client that exists.
    pub client: Option<Box<str>>,
    pub bytes: Option<u64>,
    pub defer_requested: bool,
    pub is_query_route: bool,
    /// `rejected` or `deferred`.
    pub decision: &'static str,
    pub reason: &'static str,
    pub deferred_request_id: Option<Box<str>>,
    pub retry_after_seconds: u64,
    pub window_seconds: u64,
    pub global_limit: u64,
    pub client_limit: u64,
    pub meta: Value,
    pub at: SystemTime,
}

/// Events that wait to be written; more are dropped and counted. With one batch a second, this is
/// also how fast a flood can make the table grow.
const WAITING: usize = 1_000;
const EVERY: Duration = Duration::from_secs(1);
const CLEANING: Duration = Duration::from_secs(60 * 60);
const KEEP: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Where they are written down. Cheap to clone; every clone is the same queue.
#[derive(Clone)]
pub struct AdmissionLog {
    inner: Arc<Inner>,
}

struct Inner {
    queue: mpsc::Sender<Message>,
    dropped: AtomicU64,
    writer: Mutex<Option<JoinHandle<()>>>,
}

enum Message {
    Event(Box<AdmissionEvent>),
    End,
}

impl AdmissionLog {
    /// Start the writer. It ends with the last clone, or when closed.
    pub fn start(store: Store) -> Self {
        let (queue, events) = mpsc::channel(WAITING);
        let writer = Mutex::new(Some(tokio::spawn(write(store, events))));
        Self { inner: Arc::new(Inner { queue, dropped: AtomicU64::new(0), writer }) }
    }

    /// Write this down soon. When the queue is full it is dropped and counted.
    pub fn record(&self, event: AdmissionEvent) {
        if self.inner.queue.try_send(Message::Event(Box::new(event))).is_err() {
            self.inner.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Events that were never written.
    pub fn dropped(&self) -> u64 {
        self.inner.dropped.load(Ordering::Relaxed)
    }

    /// Write what waits, then stop.
    pub async fn close(&self) {
        let writer = self.inner.writer.lock().await.take();
        let Some(writer) = writer else { return };
        // A writer that is gone has nothing left to write.
        if self.inner.queue.send(Message::End).await.is_ok() {
            drop(writer.await);
        }
    }
}

async fn write(store: Store, mut queue: mpsc::Receiver<Message>) {
    let mut next_cleaning = Instant::now() + CLEANING;
    let mut is_over = false;
    while !is_over {
        let mut messages = Vec::new();
        if queue.recv_many(&mut messages, WAITING).await == 0 {
            return;
        }
        is_over = messages.iter().any(|message| matches!(message, Message::End));
        let events = messages.into_iter().filter_map(|message| match message {
            Message::Event(event) => Some(*event),
            Message::End => None,
        });
        let events: Vec<AdmissionEvent> = events.collect();
        if let Err(error) = events::insert(&store, &events).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                events = events.len(),
                "events of admission were not written down"
            );
        }
        if Instant::now() > next_cleaning {
            next_cleaning = Instant::now() + CLEANING;
            clean(&store).await;
        }
        if !is_over {
            sleep(EVERY).await;
        }
    }
}

async fn clean(store: &Store) {
    if let Err(error) = store.forget_admission_events(KEEP).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "old events of admission were not removed"
        );
    }
}
