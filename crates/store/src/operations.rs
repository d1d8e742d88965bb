//! The log of operations: one bounded queue, one writer, and nobody waits for either.

mod writer;

use crate::Store;
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
};

/// One operation. It holds no value of any row.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationRow {
    pub request_id: String,
    pub operation: &'static str,
    pub table_name: Option<String>,
    pub client: String,
    pub status_code: u16,
    pub duration: Duration,
    /// The problem's code, when it failed.
    pub message: Option<String>,
    pub details: serde_json::Value,
    pub at: SystemTime,
}

#[derive(Debug, Clone, Copy)]
pub struct LogSettings {
    /// Rows that may wait to be written; more are dropped and counted.
    pub queue: usize,
    /// Rows of one statement.
    pub batch: usize,
    /// The longest a row waits for company.
    pub every: Duration,
    /// How long rows are kept.
    pub keep: Duration,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            queue: 10_000,
            batch: 500,
            every: Duration::from_millis(250),
            keep: Duration::from_secs(30 * 24 * 60 * 60),
        }
    }
}

/// Where operations are written down. Cheap to clone; every clone is the same queue.
#[derive(Clone)]
pub struct OperationLog {
    inner: Arc<Inner>,
}

struct Inner {
    queue: mpsc::Sender<OperationRow>,
    end: tokio::sync::watch::Sender<bool>,
    dropped: Arc<AtomicU64>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl OperationLog {
    /// Start the writer. It ends with the last clone, or when closed.
    pub fn start(store: Store, settings: LogSettings) -> Self {
        let (queue, waiting) = mpsc::channel(settings.queue.max(1));
        let (end, ended) = tokio::sync::watch::channel(false);
        let dropped = Arc::new(AtomicU64::new(0));
        let writer = writer::Writer::new(store, settings, Arc::clone(&dropped));
        let writer = Mutex::new(Some(tokio::spawn(writer.run(waiting, ended))));
        Self { inner: Arc::new(Inner { queue, end, dropped, writer }) }
    }

    /// Write this down soon. When the queue is full the row is dropped and counted.
    pub fn record(&self, row: OperationRow) {
        if self.inner.queue.try_send(row).is_err() {
            self.inner.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Rows that were never written.
    pub fn dropped(&self) -> u64 {
        self.inner.dropped.load(Ordering::Relaxed)
    }

    /// Write what waits, then stop.
    pub async fn close(&self) {
        self.inner.end.send_replace(true);
        let writer = self.inner.writer.lock().await.take();
        if let Some(writer) = writer {
            // A writer that panicked has nothing left to write.
            drop(writer.await);
        }
    }
}
