//! Uses of keys, on their way to the store's log.

use auth::{Pepper, Peppers, PresentedKey};
use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};
use store::{AuthLog, AuthRow, Rate};

/// Which uses of keys are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Refusals, and so many uses of one key in each second. What such a use was for is in the log
    /// of operations anyway, with the key's id.
    All {
        per_second: u32,
    },
    Refusals,
}

/// Keys are more than these: two that share one share its room.
const ROOMS: usize = 256;

/// Where uses of keys are written down. Cheap to clone.
#[derive(Clone)]
pub struct AuthTrail {
    log: AuthLog,
    pepper: Pepper,
    uses: Option<Arc<Uses>>,
}

struct Uses {
    rooms: Box<[Rate]>,
    hasher: RandomState,
    skipped: AtomicU64,
}

impl AuthTrail {
    pub fn new(log: AuthLog, peppers: &Peppers, kept: Kept) -> Self {
        let uses = match kept {
            Kept::All { per_second } => Some(Arc::new(Uses::new(per_second))),
            Kept::Refusals => None,
        };
        Self { log, pepper: peppers.current().clone(), uses }
    }

    /// Whether a good use is written down. One that is not, for there were many, is counted.
    pub fn keeps_use(&self, public_id: Option<&str>, at: SystemTime) -> bool {
        self.uses.as_ref().is_some_and(|uses| uses.has_room(public_id, at))
    }

    /// It never waits: what does not fit is dropped and counted.
    pub fn record(&self, row: AuthRow) {
        self.log.record(row);
    }

    /// Tells whether the same text was shown before, and nothing else of it.
    pub fn digest(&self, presented: &PresentedKey) -> Option<String> {
        presented.digest(&self.pepper)
    }

    /// Uses that should have been written and were not.
    pub fn dropped(&self) -> u64 {
        self.log.dropped()
    }

    /// Good uses that were not written down, because their key had enough rows in their second.
    pub fn skipped(&self) -> u64 {
        self.uses.as_ref().map_or(0, |uses| uses.skipped.load(Ordering::Relaxed))
    }
}

impl Uses {
    fn new(per_second: u32) -> Self {
        Self {
            rooms: (0..ROOMS).map(|_| Rate::new(per_second)).collect(),
            hasher: RandomState::new(),
            skipped: AtomicU64::new(0),
        }
    }

    fn has_room(&self, public_id: Option<&str>, at: SystemTime) -> bool {
        let room = self.hasher.hash_one(public_id) as usize % ROOMS;
        let admitted = self.rooms[room].admits(at);
        if !admitted {
            self.skipped.fetch_add(1, Ordering::Relaxed);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn a_busy_key_takes_its_own_room_and_not_that_of_the_others() {
        let uses = Uses::new(3);
        let at = UNIX_EPOCH + Duration::from_secs(1);
        assert_eq!((0..10).filter(|_| uses.has_room(Some("busy"), at)).count(), 3);
        assert_eq!(uses.skipped.load(Ordering::Relaxed), 7);
        // Two of them may share a place, but not most of forty.
        let others: Vec<String> = (0..40).map(|number| format!("key {number}")).collect();
        let written = others.iter().filter(|key| uses.has_room(Some(key), at)).count();
        assert!(written > 20, "{written}");
        assert!(uses.has_room(Some("busy"), at + Duration::from_secs(1)));
    }
}
