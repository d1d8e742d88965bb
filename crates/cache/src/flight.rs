//! Work that several callers wait for: begun once, ended when it is done or nobody waits any more.

use crate::{
    answer::Entry, error::ReadError, generations::Stamp, key::CacheKey, statistics::Outcome,
};
use futures_util::future::BoxFuture;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use tokio::{sync::watch, task::AbortHandle};
use tracing::Instrument;

/// What all who waited get.
pub(crate) type Landed<E> = Result<(Arc<Entry>, Outcome), Arc<E>>;

type Open<E> = Arc<Mutex<HashMap<CacheKey, Arc<Flight<E>>>>>;

/// The work in progress, one flight for a key.
pub(crate) struct Flights<E> {
    open: Open<E>,
}

struct Flight<E> {
    /// From before the work began.
    stamp: Stamp,
    waiting: AtomicUsize,
    landed: watch::Receiver<Option<Landed<E>>>,
    work: OnceLock<AbortHandle>,
}

/// A place among those who wait. The last to leave ends the work.
pub(crate) struct Seat<E> {
    open: Open<E>,
    key: CacheKey,
    flight: Arc<Flight<E>>,
}

/// The sender of the one who begins the work.
pub(crate) type Lead<E> = watch::Sender<Option<Landed<E>>>;

impl<E: Send + Sync + 'static> Flights<E> {
    pub(crate) fn new() -> Self {
        Self { open: Arc::default() }
    }

    /// A seat, and for the first at it the duty to begin the work.
    ///
    /// Who comes after a write does not join a flight from before it, but begins a new one.
    pub(crate) fn board(&self, key: CacheKey, now: Stamp) -> (Seat<E>, Option<Lead<E>>) {
        let mut open = lock(&self.open);
        if let Some(flight) = open.get(&key).filter(|flight| flight.stamp == now) {
            flight.waiting.fetch_add(1, SeqCst);
            return (Seat { open: self.open.clone(), key, flight: flight.clone() }, None);
        }
        let (lead, landed) = watch::channel(None);
        let (waiting, work) = (AtomicUsize::new(1), OnceLock::new());
        let flight = Arc::new(Flight { stamp: now, waiting, landed, work });
        open.insert(key, flight.clone());
        (Seat { open: self.open.clone(), key, flight }, Some(lead))
    }
}

impl<E: Send + Sync + 'static> Seat<E> {
    /// Begin the work in a task of its own, which no single caller can cancel.
    pub(crate) fn begin(&self, lead: Lead<E>, work: BoxFuture<'static, Landed<E>>) {
        let closing =
            Closing { open: self.open.clone(), key: self.key, flight: self.flight.clone() };
        let task = async move {
            let landed = work.await;
            // Closed before it is told: who comes now looks into the cache, or begins anew.
            drop(closing);
            lead.send_replace(Some(landed));
        };
        let task = tokio::spawn(task.in_current_span());
        // Set once: there is one lead for a flight.
        let _ = self.flight.work.set(task.abort_handle());
    }

    pub(crate) async fn landed(&self) -> Result<(Arc<Entry>, Outcome), ReadError<E>> {
        let mut landed = self.flight.landed.clone();
        // The sender goes without a word only if the work panicked or its runtime ended.
        let Ok(landed) = landed.wait_for(Option::is_some).await else {
            return Err(ReadError::Abandoned);
        };
        match landed.as_ref() {
            Some(landed) => landed.clone().map_err(ReadError::Failed),
            None => Err(ReadError::Abandoned),
        }
    }
}

impl<E> Drop for Seat<E> {
    fn drop(&mut self) {
        if self.flight.waiting.fetch_sub(1, SeqCst) > 1 {
            return;
        }
        let mut open = lock(&self.open);
        // Somebody may have sat down before we had the lock.
        if self.flight.waiting.load(SeqCst) > 0 {
            return;
        }
        remove(&mut open, &self.key, &self.flight);
        if let Some(work) = self.flight.work.get() {
            work.abort();
        }
    }
}

/// Takes a flight off the board when its work ends, in whatever way.
struct Closing<E> {
    open: Open<E>,
    key: CacheKey,
    flight: Arc<Flight<E>>,
}

impl<E> Drop for Closing<E> {
    fn drop(&mut self) {
        remove(&mut lock(&self.open), &self.key, &self.flight);
    }
}

/// Remove this flight, but not a later one of the same key.
fn remove<E>(
    open: &mut HashMap<CacheKey, Arc<Flight<E>>>,
    key: &CacheKey,
    flight: &Arc<Flight<E>>,
) {
    if open.get(key).is_some_and(|found| Arc::ptr_eq(found, flight)) {
        open.remove(key);
    }
}

fn lock<E>(open: &Open<E>) -> MutexGuard<'_, HashMap<CacheKey, Arc<Flight<E>>>> {
    // Nothing under this lock can panic halfway through a change.
    open.lock().unwrap_or_else(PoisonError::into_inner)
}
