//! So many rows in each second, of what succeeds: failures are always written.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

/// So many in each second, without a lock.
#[derive(Debug)]
pub struct Rate {
    per_second: u64,
    /// The second in the upper half, how many were let through in the lower.
    state: AtomicU64,
}

impl Rate {
    pub fn new(per_second: u32) -> Self {
        Self { per_second: u64::from(per_second), state: AtomicU64::new(0) }
    }

    pub fn admits(&self, at: SystemTime) -> bool {
        let now = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() & 0xffff_ffff;
        let next = |state: u64| {
            let used = if state >> 32 == now { state & 0xffff_ffff } else { 0 };
            (used < self.per_second).then_some((now << 32) | (used + 1))
        };
        self.state.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_second_lets_so_many_through_and_the_next_one_begins_anew() {
        let rate = Rate::new(3);
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let admitted = (0..10).filter(|_| rate.admits(at(100))).count();
        assert_eq!(admitted, 3);
        assert!(rate.admits(at(101)));
        assert!(!Rate::new(0).admits(at(100)));
    }
}
