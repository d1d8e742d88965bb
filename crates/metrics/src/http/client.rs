//! Requests of one client, by method and kind of route.

use super::{
    Group,
    words::{FAMILIES, METHODS, family_place, method_place},
};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const SIZE: usize = METHODS.len() * Group::ALL.len() * FAMILIES.len();

#[derive(Debug)]
pub struct ClientHttp {
    counts: Box<[AtomicU64; SIZE]>,
}

impl Default for ClientHttp {
    fn default() -> Self {
        Self { counts: Box::new([const { AtomicU64::new(0) }; SIZE]) }
    }
}

impl ClientHttp {
    pub fn count(&self, method: &str, group: Group, status: u16) {
        let place = (method_place(method) * Group::ALL.len() + group as usize) * FAMILIES.len();
        self.counts[place + family_place(status)].fetch_add(1, Relaxed);
    }

    /// What there was: method, group, family and how many.
    pub fn read(&self) -> impl Iterator<Item = ([&'static str; 3], u64)> {
        self.counts.iter().enumerate().filter_map(|(place, count)| {
            let count = count.load(Relaxed);
            let (rest, family) = (place / FAMILIES.len(), place % FAMILIES.len());
            let (method, group) = (rest / Group::ALL.len(), rest % Group::ALL.len());
            let words = [METHODS[method], Group::ALL[group].word(), FAMILIES[family]];
            (count > 0).then_some((words, count))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_read_under_its_own_words() {
        let seen = ClientHttp::default();
        seen.count("POST", Group::Gateway, 200);
        seen.count("POST", Group::Gateway, 204);
        seen.count("BREW", Group::Other, 599);
        let read: Vec<_> = seen.read().collect();
        assert_eq!(read, [(["POST", "gateway", "2xx"], 2), (["OTHER", "other", "5xx"], 1)]);
    }
}
