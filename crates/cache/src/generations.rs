//! Counters that say whether something was written since. A fixed number of them, for any number
//! of tables: two tables on one counter are forgotten together, which is never wrong.

use crate::scope::Scope;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// 128 KiB; with a thousand busy tables a table shares its counter with another one in sixteen.
const SLOTS: usize = 1 << 14;

/// The state of all counters a read depends on, taken before its statement ran.
///
/// Counters only grow, so their sum is unchanged exactly if none of them moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp(u64);

pub(crate) struct Generations {
    everything: AtomicU64,
    slots: Box<[AtomicU64]>,
}

impl Generations {
    pub(crate) fn new() -> Self {
        Self {
            everything: AtomicU64::new(0),
            slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    pub(crate) fn stamp(&self, scopes: &[Scope]) -> Stamp {
        let of_scopes = scopes.iter().map(|scope| self.counter(*scope).load(SeqCst));
        Stamp(of_scopes.fold(self.everything.load(SeqCst), u64::wrapping_add))
    }

    pub(crate) fn bump(&self, scopes: &[Scope]) {
        for scope in scopes {
            self.counter(*scope).fetch_add(1, SeqCst);
        }
    }

    pub(crate) fn bump_everything(&self) {
        self.everything.fetch_add(1, SeqCst);
    }

    fn counter(&self, scope: Scope) -> &AtomicU64 {
        if scope == Scope::everything() {
            return &self.everything;
        }
        // A scope is a hash already; its low bits are as good as any.
        &self.slots[scope.bits() as usize % SLOTS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_changes_exactly_when_one_of_its_scopes_is_bumped() {
        let generations = Generations::new();
        let (read, other) = ([Scope::from_bits(1), Scope::from_bits(2)], [Scope::from_bits(3)]);
        let before = generations.stamp(&read);
        generations.bump(&other);
        assert_eq!(generations.stamp(&read), before);
        generations.bump(&read[1..]);
        assert_ne!(generations.stamp(&read), before);
    }

    #[test]
    fn everything_changes_every_stamp() {
        let generations = Generations::new();
        let before = generations.stamp(&[]);
        generations.bump(&[Scope::everything()]);
        assert_ne!(generations.stamp(&[]), before);
    }

    #[test]
    fn scopes_on_one_counter_are_forgotten_together() {
        let generations = Generations::new();
        let before = generations.stamp(&[Scope::from_bits(5)]);
        generations.bump(&[Scope::from_bits(5 + SLOTS as u128)]);
        assert_ne!(generations.stamp(&[Scope::from_bits(5)]), before);
    }
}
