//! The log of uses of keys: one bounded queue, one writer, and nobody waits for either.

mod read;
mod writer;

pub use read::{AuthFilter, AuthRecord};

use crate::{LogSettings, Store};
use api_types::ClientName;
use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};
use tokio::{
    sync::{Mutex, mpsc, watch},
    task::JoinHandle,
};

/// One use of a key, or the lack of one. What was shown is not in it, but for a keyed digest.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthRow {
    pub request_id: Arc<str>,
    pub public_id: Option<Arc<str>>,
    pub client: Option<ClientName>,
    pub method: Box<str>,
    pub path: Box<str>,
    pub presented_digest: Option<Box<str>>,
    pub required: Vec<Box<str>>,
    pub granted: Vec<Arc<str>>,
    pub authenticated: bool,
    pub authorized: bool,
    pub enforced: bool,
    pub reason: Box<str>,
    pub remote_addr: Option<IpAddr>,
    pub user_agent: Option<Box<str>>,
    pub at: SystemTime,
}

/// Where uses of keys are written down. Cheap to clone; every clone is the same queue.
#[derive(Clone)]
pub struct AuthLog {
    inner: Arc<Inner>,
}

struct Inner {
    rows: mpsc::Sender<AuthRow>,
    dropped: Arc<AtomicU64>,
    end: watch::Sender<bool>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl AuthLog {
    /// Start the writer. It ends with the last clone, or when closed.
    pub fn start(store: Store, settings: LogSettings) -> Self {
        let (rows, queue) = mpsc::channel(settings.queue.max(1));
        let (end, ended) = watch::channel(false);
        let dropped = Arc::new(AtomicU64::new(0));
        let writer = writer::Writer::new(store, settings, queue, Arc::clone(&dropped));
        let writer = Mutex::new(Some(tokio::spawn(writer.run(ended))));
        Self { inner: Arc::new(Inner { rows, dropped, end, writer }) }
    }

    /// Write this down soon. When the queue is full the row is dropped and counted.
    pub fn record(&self, row: AuthRow) {
        if self.inner.rows.try_send(row).is_err() {
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
