//! The log of operations: one bounded queue, one writer, and nobody waits for either.

mod queue;
mod writer;

use crate::Store;
use api_types::ClientName;
use queue::Queue;
use serde::Serialize;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::{sync::Mutex, task::JoinHandle};

/// One operation. It holds no value of any row. Texts are shared with the request, not copied.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationRow {
    pub request_id: Arc<str>,
    pub operation: &'static str,
    pub table_name: Option<Arc<str>>,
    pub client: ClientName,
    pub status_code: u16,
    pub duration: Duration,
    /// The problem's code, when it failed.
    pub message: Option<Box<str>>,
    pub details: OperationDetails,
    pub at: SystemTime,
}

/// What is kept of an operation beside its columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OperationDetails {
    pub trace_id: Arc<str>,
    pub caller: &'static str,
    pub api_key_public_id: Option<Arc<str>>,
    /// For whom a person of the console did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf: Option<OnBehalf>,
    pub row_count: u64,
    pub bytes: usize,
}

/// A person, and the organisation they worked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OnBehalf {
    pub user_id: Arc<str>,
    pub organization_id: Option<Arc<str>>,
    pub company_id: Option<Arc<str>>,
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
            queue: 20_000,
            batch: 1_000,
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
    queue: Arc<Queue>,
    end: tokio::sync::watch::Sender<bool>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl OperationLog {
    /// Start the writer. It ends with the last clone, or when closed.
    pub fn start(store: Store, settings: LogSettings) -> Self {
        let queue = Arc::new(Queue::new(&settings));
        let (end, ended) = tokio::sync::watch::channel(false);
        let writer = writer::Writer::new(store, settings, Arc::clone(&queue));
        let writer = Mutex::new(Some(tokio::spawn(writer.run(ended))));
        Self { inner: Arc::new(Inner { queue, end, writer }) }
    }

    /// Write this down soon. When the queue is full the row is dropped and counted.
    pub fn record(&self, row: OperationRow) {
        self.inner.queue.put(row);
    }

    /// Rows that were never written.
    pub fn dropped(&self) -> u64 {
        self.inner.queue.dropped()
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
