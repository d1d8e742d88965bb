//! How often requests were let in, put off and turned away.

use ::admission::Scope;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const SCOPES: [Scope; 3] = [Scope::Identity, Scope::Client, Scope::Global];

#[derive(Debug, Default)]
pub(super) struct Decisions {
    admitted: AtomicU64,
    rejected: [AtomicU64; SCOPES.len()],
    deferred: [AtomicU64; SCOPES.len()],
}

impl Decisions {
    pub(super) fn admitted(&self) {
        self.admitted.fetch_add(1, Relaxed);
    }

    /// There was no room in this bucket.
    pub(super) fn over(&self, scope: Scope, is_deferred: bool) {
        let counts = if is_deferred { &self.deferred } else { &self.rejected };
        counts[scope as usize].fetch_add(1, Relaxed);
    }

    /// Decision, bucket and how often; no bucket decides for those that are let in.
    pub(super) fn read(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        let of = |word, counts: &[AtomicU64; SCOPES.len()]| {
            let counts: [u64; SCOPES.len()] = std::array::from_fn(|at| counts[at].load(Relaxed));
            SCOPES.into_iter().zip(counts).map(move |(scope, count)| (word, scope.word(), count))
        };
        let admitted = ("admitted", "", self.admitted.load(Relaxed));
        let over = of("rejected", &self.rejected).chain(of("deferred", &self.deferred));
        [admitted].into_iter().chain(over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_decision_is_counted_under_its_bucket() {
        let decisions = Decisions::default();
        decisions.admitted();
        decisions.over(Scope::Client, false);
        decisions.over(Scope::Global, true);
        let read: Vec<_> = decisions.read().filter(|(.., count)| *count > 0).collect();
        assert_eq!(
            read,
            [("admitted", "", 1), ("rejected", "client", 1), ("deferred", "global", 1)]
        );
    }
}
