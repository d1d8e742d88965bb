//! What each name leads to, in many small maps: looked up without a lock, and a change copies one
//! small map however many names there are.

use super::{Entry, Slot};
use api_types::ClientName;
use arc_swap::ArcSwap;
use std::{
    collections::BTreeMap,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

const SHELVES: usize = 256;

type Shelf = BTreeMap<ClientName, Slot>;

#[derive(Debug)]
pub(super) struct Names {
    hasher: RandomState,
    shelves: Box<[ArcSwap<Shelf>]>,
}

impl Default for Names {
    fn default() -> Self {
        let empty = Arc::<Shelf>::default();
        let shelves = (0..SHELVES).map(|_| ArcSwap::new(Arc::clone(&empty))).collect();
        Self { hasher: RandomState::new(), shelves }
    }
}

impl Names {
    pub(super) fn with<T>(&self, name: &ClientName, look: impl FnOnce(Option<&Slot>) -> T) -> T {
        look(self.shelf(name).load().get(name))
    }

    /// Put something under a name, or nothing; what was there comes back.
    pub(super) fn put(&self, name: &ClientName, slot: Option<&Slot>) -> Option<Slot> {
        let before = self.shelf(name).rcu(|shelf| {
            let mut shelf = Shelf::clone(shelf);
            match slot {
                Some(slot) => shelf.insert(name.clone(), slot.clone()),
                None => shelf.remove(name),
            };
            shelf
        });
        before.get(name).cloned()
    }

    /// Every name that leads somewhere, in their order.
    pub(super) fn open(&self) -> Vec<Arc<Entry>> {
        let mut all = Vec::new();
        self.each(|_, slot| {
            if let Slot::Open(entry) = slot {
                all.push(Arc::clone(entry));
            }
        });
        all.sort_unstable_by(|a, b| a.upstream.name().cmp(b.upstream.name()));
        all
    }

    pub(super) fn each(&self, mut look: impl FnMut(&ClientName, &Slot)) {
        for shelf in &self.shelves {
            shelf.load().iter().for_each(|(name, slot)| look(name, slot));
        }
    }

    /// Forget everything.
    pub(super) fn clear(&self) {
        self.shelves.iter().for_each(|shelf| shelf.store(Arc::default()));
    }

    fn shelf(&self, name: &ClientName) -> &ArcSwap<Shelf> {
        // One of them: there are as many as the remainder has values.
        &self.shelves[(self.hasher.hash_one(name) % SHELVES as u64) as usize]
    }
}
