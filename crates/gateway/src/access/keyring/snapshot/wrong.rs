//! What was shown and is certainly wrong as long as these keys hold; few, and forgotten with them.

use auth::PresentedKey;
use std::{
    collections::{HashSet, hash_map::RandomState},
    hash::BuildHasher,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Whoever shows more of them makes us look again, which takes its time and is one look for all.
const CAPACITY: usize = 4_096;

/// Kept as hashes under a key of their own, so that nobody can choose two that meet.
#[derive(Default)]
pub(super) struct Wrong {
    hasher: RandomState,
    seen: Mutex<HashSet<u64>>,
}

impl Wrong {
    pub(super) fn has(&self, presented: &PresentedKey) -> bool {
        self.of(presented).is_some_and(|hash| self.seen().contains(&hash))
    }

    pub(super) fn add(&self, presented: &PresentedKey) {
        let Some(hash) = self.of(presented) else { return };
        let mut seen = self.seen();
        if seen.len() >= CAPACITY {
            seen.clear();
        }
        seen.insert(hash);
    }

    fn of(&self, presented: &PresentedKey) -> Option<u64> {
        Some(self.hasher.hash_one(presented.key().ok()?.reveal()))
    }

    fn seen(&self) -> MutexGuard<'_, HashSet<u64>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderValue};

    fn shown(number: usize) -> PresentedKey {
        let mut headers = HeaderMap::new();
        let key = format!("ath_0123456789abcdef.{number}");
        headers.insert("apikey", HeaderValue::try_from(key).unwrap());
        PresentedKey::from_headers(&headers, None)
    }

    #[test]
    fn a_flood_of_wrong_keys_does_not_fill_the_memory() {
        let wrong = Wrong::default();
        for number in 0..20_000 {
            assert!(!wrong.has(&shown(number)));
            wrong.add(&shown(number));
            assert!(wrong.has(&shown(number)));
        }
        assert!(wrong.seen().len() <= CAPACITY);
        wrong.add(&PresentedKey::from_headers(&HeaderMap::new(), None));
    }
}
