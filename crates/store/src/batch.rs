//! Rows that are written many at once: one bounded queue, one writer, and nobody waits for either.

mod queue;
mod writer;

use crate::{Store, StoreError, to_the_end};
use queue::Queue;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, watch},
    task::JoinHandle,
};
use writer::Writer;

#[derive(Debug, Clone, Copy)]
pub struct LogSettings {
    /// Rows that may wait to be written; more are dropped and counted.
    pub queue: usize,
    /// Rows of one statement.
    pub batch: usize,
    /// The longest a row waits for company.
    pub every: Duration,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { queue: 20_000, batch: 1_000, every: Duration::from_millis(250) }
    }
}

/// What can be written like this.
pub(crate) trait Row: Sized + Send + Sync + 'static {
    /// For our own log, in the plural.
    const WHAT: &'static str;

    fn insert(store: &Store, rows: &[Self]) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Cheap to clone; every clone is the same queue.
pub(crate) struct Batches<R> {
    inner: Arc<Inner<R>>,
}

struct Inner<R> {
    queue: Arc<Queue<R>>,
    writer: Arc<Writer<R>>,
    end: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl<R> Clone for Batches<R> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<R: Row> Batches<R> {
    /// Start the writer. It ends with the last clone, or when closed.
    pub(crate) fn start(store: Store, settings: LogSettings) -> Self {
        let queue = Arc::new(Queue::new(&settings));
        let writer = Arc::new(Writer::new(store, settings, Arc::clone(&queue)));
        let (end, ended) = watch::channel(false);
        let task = Mutex::new(Some(tokio::spawn(writer::run(Arc::clone(&writer), ended))));
        Self { inner: Arc::new(Inner { queue, writer, end, task }) }
    }

    /// Write this down soon. When the queue is full the row is dropped and counted.
    pub(crate) fn record(&self, row: R) {
        self.inner.queue.put(row);
    }

    /// Rows that were never written.
    pub(crate) fn dropped(&self) -> u64 {
        self.inner.queue.dropped()
    }

    /// Write what waits now. Whoever stops waiting for it stops nothing: rows that were taken to be
    /// written would be lost, and a session left in the middle of a `COPY`.
    pub(crate) async fn flush(&self) {
        let writer = Arc::clone(&self.inner.writer);
        to_the_end(async move { writer.write().await }).await;
    }

    /// Write what waits, then stop.
    pub(crate) async fn close(&self) {
        self.inner.end.send_replace(true);
        let task = self.inner.task.lock().await.take();
        if let Some(task) = task {
            // A writer that panicked has nothing left to write.
            drop(task.await);
        }
    }
}
