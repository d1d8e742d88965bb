//! Takes rows from the queue and writes many with one statement.

use super::{LogSettings, Queue, Row};
use crate::Store;
use std::sync::Arc;
use tokio::{
    sync::{Mutex, watch},
    time::sleep,
};

pub(super) struct Writer<R> {
    store: Store,
    settings: LogSettings,
    queue: Arc<Queue<R>>,
    /// Whoever holds it writes; what they took is written when they let go.
    writing: Mutex<()>,
}

pub(super) async fn run<R: Row>(writer: Arc<Writer<R>>, mut end: watch::Receiver<bool>) {
    let mut is_over = false;
    while !is_over {
        is_over = tokio::select! {
            () = writer.queue.first() => writer.gather(&mut end).await,
            () = ended(&mut end) => true,
        };
        writer.write().await;
    }
}

impl<R: Row> Writer<R> {
    pub(super) fn new(store: Store, settings: LogSettings, queue: Arc<Queue<R>>) -> Self {
        Self { store, settings, queue, writing: Mutex::new(()) }
    }

    /// Wait a moment for more rows, so that few statements carry many. True when it is over.
    async fn gather(&self, end: &mut watch::Receiver<bool>) -> bool {
        tokio::select! {
            () = sleep(self.settings.every) => false,
            () = self.queue.plenty() => false,
            () = ended(end) => true,
        }
    }

    pub(super) async fn write(&self) {
        let _turn = self.writing.lock().await;
        for rows in self.queue.take().chunks(self.settings.batch.max(1)) {
            if let Err(error) = R::insert(&self.store, rows).await {
                // They are not tried again: a store that is down would fill the memory.
                self.queue.lose(rows.len());
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    rows = rows.len(),
                    "{} could not be logged",
                    R::WHAT
                );
            }
        }
    }
}

/// Told so, or nobody is left to tell.
async fn ended(end: &mut watch::Receiver<bool>) {
    let _ = end.wait_for(|ended| *ended).await;
}
