//! How many requests each client has in the queue, nearly: counted now and then, and kept up between.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use store::{Store, StoreError};

/// A count this old is made again.
const FRESH: Duration = Duration::from_millis(500);
/// While the queue is full, for it may have emptied.
const FRESH_WHEN_FULL: Duration = Duration::from_millis(100);
/// Clients that are remembered; they are known ones, so there are seldom as many.
const MOST: usize = 10_000;

#[derive(Default)]
pub(super) struct Depths {
    known: Mutex<HashMap<String, Depth>>,
}

#[derive(Clone, Copy)]
struct Depth {
    count: u64,
    at: Instant,
}

impl Depths {
    /// Whether there is room for one more; if so, it is taken.
    ///
    /// Several nodes may together let in a little more than the limit within half a second.
    pub(super) async fn take(
        &self,
        store: &Store,
        client: &str,
        limit: u64,
    ) -> Result<bool, StoreError> {
        if let Some(answer) = self.try_take(client, limit) {
            return Ok(answer);
        }
        let count = store.deferred_depth(client).await?;
        let mut known = self.known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(client.to_owned(), Depth { count, at: Instant::now() });
        drop(known);
        Ok(self.try_take(client, limit).unwrap_or(count < limit))
    }

    fn try_take(&self, client: &str, limit: u64) -> Option<bool> {
        let mut known = self.known();
        let depth = known.get_mut(client)?;
        let has_room = depth.count < limit;
        let fresh = if has_room { FRESH } else { FRESH_WHEN_FULL };
        if depth.at.elapsed() > fresh {
            return None;
        }
        depth.count += u64::from(has_room);
        Some(has_room)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Depth>> {
        // Nothing under this lock can panic halfway through a change.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
