//! How often a password may be guessed: few times in a row, for one address and from one peer.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Wrong guesses that are free for one address.
pub const FREE_FOR_EMAIL: u32 = 5;
/// And for one peer, who may be a whole office behind one proxy.
pub const FREE_FOR_PEER: u32 = 30;
/// The pause after the first one too many; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// Long enough to make guessing hopeless, short enough that nobody is kept out by somebody else.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Nothing is remembered longer than this.
const MEMORY: Duration = Duration::from_secs(60 * 60);
/// The most names that are remembered. When it is full, the oldest are forgotten.
const CAPACITY: usize = 10_000;

#[derive(Clone, Copy)]
struct Guesses {
    wrong: u32,
    last: Instant,
}

/// Remembers wrong guesses by name: an e-mail address, or where a request came from.
#[derive(Default)]
pub struct Throttle {
    names: Mutex<HashMap<String, Guesses>>,
}

impl Throttle {
    /// Count one attempt against all of these names, or say how long to wait.
    ///
    /// It counts before the password is looked at, so that guesses side by side gain nothing.
    pub fn admit(&self, names: &[(&str, u32)], now: Instant) -> Result<(), Duration> {
        let mut known = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = names.iter().filter_map(|(name, free)| known.get(*name)?.wait(*free, now));
        if let Some(longest) = waits.max() {
            return Err(longest);
        }
        make_room(&mut known, now, names.len());
        for (name, _) in names {
            let guesses =
                known.entry((*name).to_owned()).or_insert(Guesses { wrong: 0, last: now });
            let is_over = now.duration_since(guesses.last) >= MEMORY;
            let before = if is_over { 0 } else { guesses.wrong };
            *guesses = Guesses { wrong: before.saturating_add(1), last: now };
        }
        Ok(())
    }

    /// The password was right: the address starts afresh, the peer gets this attempt back.
    pub fn forgive(&self, email: &str, peer: &str) {
        let mut known = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(email);
        if let Some(guesses) = known.get_mut(peer) {
            guesses.wrong = guesses.wrong.saturating_sub(1);
        }
    }
}

impl Guesses {
    fn wait(&self, free: u32, now: Instant) -> Option<Duration> {
        let beyond = self.wrong.checked_sub(free)?;
        let pause = FIRST_PAUSE.saturating_mul(1 << beyond.min(16)).min(LONGEST_PAUSE);
        let over = self.last + pause;
        (over > now).then(|| over - now)
    }
}

fn make_room(known: &mut HashMap<String, Guesses>, now: Instant, wanted: usize) {
    if known.len() + wanted <= CAPACITY {
        return;
    }
    known.retain(|_, guesses| now.duration_since(guesses.last) < MEMORY);
    if known.len() + wanted <= CAPACITY {
        return;
    }
    // Half at once, so that a flood of names does not sort the whole of it each time.
    let mut times: Vec<Instant> = known.values().map(|guesses| guesses.last).collect();
    times.sort_unstable();
    let middle = times[times.len() / 2];
    known.retain(|_, guesses| guesses.last > middle);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_become_slow_and_a_right_one_ends_that() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let (email, peer) = (("a@b", 3), ("peer", 3));
        for _ in 0..3 {
            assert_eq!(throttle.admit(&[email, peer], now), Ok(()));
        }
        assert_eq!(throttle.admit(&[email, peer], now), Err(FIRST_PAUSE));
        assert_eq!(throttle.admit(&[("c@d", 3), peer], now), Err(FIRST_PAUSE), "the peer is known");
        assert_eq!(throttle.admit(&[("c@d", 3), ("elsewhere", 3)], now), Ok(()));
        let later = now + FIRST_PAUSE;
        assert_eq!(throttle.admit(&[email, peer], later), Ok(()));
        assert_eq!(throttle.admit(&[email, peer], later), Err(FIRST_PAUSE * 2));
        throttle.forgive("a@b", "peer");
        assert_eq!(throttle.admit(&[email], later), Ok(()));
        assert_eq!(throttle.admit(&[peer], later + MEMORY), Ok(()));
        assert_eq!(throttle.admit(&[peer], later + MEMORY), Ok(()), "an hour ago is forgotten");
    }

    #[test]
    fn a_flood_of_names_does_not_fill_the_memory() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for number in 0..30_000_u64 {
            let name = format!("{number}@flood");
            let moment = now + Duration::from_millis(number);
            assert_eq!(throttle.admit(&[(&name, 1)], moment), Ok(()));
        }
        assert!(throttle.names.lock().unwrap().len() <= CAPACITY);
    }
}
