//! Rows that wait: bounded, and without waking anybody for each of them.

use super::LogSettings;
use std::{
    mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::Notify;

pub(super) struct Queue<R> {
    rows: Mutex<Vec<R>>,
    capacity: usize,
    /// So many are worth writing before their time.
    plenty: usize,
    has_first: Notify,
    has_plenty: Notify,
    dropped: AtomicU64,
}

impl<R> Queue<R> {
    pub(super) fn new(settings: &LogSettings) -> Self {
        Self {
            rows: Mutex::default(),
            capacity: settings.queue.max(1),
            plenty: (settings.queue / 4).max(1),
            has_first: Notify::new(),
            has_plenty: Notify::new(),
            dropped: AtomicU64::new(0),
        }
    }

    pub(super) fn put(&self, row: R) {
        let mut rows = self.rows();
        if rows.len() >= self.capacity {
            drop(rows);
            self.lose(1);
            return;
        }
        rows.push(row);
        let count = rows.len();
        drop(rows);
        if count == 1 {
            self.has_first.notify_one();
        }
        if count == self.plenty {
            self.has_plenty.notify_one();
        }
    }

    /// Everything that waits. Room for as many is made beforehand: whoever puts rows in next need
    /// not wait for it to grow.
    pub(super) fn take(&self) -> Vec<R> {
        let room = Vec::with_capacity(self.rows().len());
        mem::replace(&mut *self.rows(), room)
    }

    pub(super) async fn first(&self) {
        self.has_first.notified().await;
    }

    pub(super) async fn plenty(&self) {
        self.has_plenty.notified().await;
    }

    pub(super) fn lose(&self, rows: usize) {
        self.dropped.fetch_add(rows as u64, Ordering::Relaxed);
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn rows(&self) -> MutexGuard<'_, Vec<R>> {
        // Nothing under this lock can panic halfway through a change.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
