//! One of something for each name that is known. Found without a lock; names that nobody knows get none.

use arc_swap::ArcSwap;
use std::{collections::BTreeMap, sync::Arc};

/// More names than this are not told apart.
const MOST: usize = 10_000;

#[derive(Debug)]
pub struct Kept<T> {
    map: ArcSwap<BTreeMap<Arc<str>, Arc<T>>>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { map: ArcSwap::default() }
    }
}

impl<T: Default> Kept<T> {
    /// Count for a name. `knows` is asked about names that come for the first time; strangers are
    /// counted for nobody, and those that are known no longer make room.
    pub fn with(&self, name: &str, knows: impl Fn(&str) -> bool, count: impl FnOnce(&T)) {
        if let Some(found) = self.map.load().get(name) {
            return count(found);
        }
        if !knows(name) {
            return;
        }
        self.map.rcu(|map| {
            let mut map = BTreeMap::clone(map);
            map.retain(|name, _| knows(name));
            if map.len() < MOST {
                map.entry(Arc::from(name)).or_default();
            }
            map
        });
        if let Some(found) = self.map.load().get(name) {
            count(found);
        }
    }

    /// Forget whoever is known no longer.
    pub fn retain(&self, knows: impl Fn(&str) -> bool) {
        if self.map.load().keys().all(|name| knows(name)) {
            return;
        }
        self.map.rcu(|map| {
            let mut map = BTreeMap::clone(map);
            map.retain(|name, _| knows(name));
            map
        });
    }

    /// Everything at one moment, by name.
    pub fn all(&self) -> Arc<BTreeMap<Arc<str>, Arc<T>>> {
        self.map.load_full()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    #[test]
    fn strangers_are_not_kept_and_those_who_left_make_room() {
        let kept: Kept<AtomicU64> = Kept::default();
        let count = |count: &AtomicU64| {
            count.fetch_add(1, Relaxed);
        };
        for stranger in 0..1_000 {
            kept.with(&format!("stranger-{stranger}"), |_| false, count);
        }
        assert!(kept.all().is_empty());
        for _ in 0..3 {
            kept.with("shop", |name| name == "shop", count);
        }
        assert_eq!(kept.all()["shop"].load(Relaxed), 3);
        kept.with("depot", |name| name == "depot", count);
        assert_eq!(kept.all().keys().map(|name| &**name).collect::<Vec<_>>(), ["depot"]);
        kept.retain(|_| false);
        assert!(kept.all().is_empty());
    }

    #[test]
    fn there_are_never_more_than_so_many() {
        let kept: Kept<AtomicU64> = Kept::default();
        kept.map
            .store(Arc::new((0..MOST).map(|at| (at.to_string().into(), Arc::default())).collect()));
        kept.with("one too many", |_| true, |_| panic!("there is no room"));
        assert_eq!(kept.all().len(), MOST);
    }
}
