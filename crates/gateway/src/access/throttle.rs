//! How often an admin key may be guessed from one address.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Wrong keys that cost nothing: somebody mistypes, or a program keeps an old one.
const FREE: u32 = 10;
/// The pause after the first one too many; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Hopeless for who guesses, short enough that nobody is kept out for long by somebody else.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Nothing is remembered longer than this.
const MEMORY: Duration = Duration::from_secs(15 * 60);
/// The most addresses that are remembered. When it is full, the oldest are forgotten.
const CAPACITY: usize = 10_000;

#[derive(Clone, Copy)]
struct Guesses {
    wrong: u32,
    last: Instant,
}

impl Guesses {
    fn over_at(self) -> Instant {
        let beyond = self.wrong.saturating_sub(FREE);
        if beyond == 0 {
            return self.last;
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << (beyond - 1).min(16));
        self.last + pause.min(LONGEST_PAUSE)
    }
}

/// Remembers wrong guesses by where they came from.
#[derive(Default)]
pub(super) struct Throttle {
    known: Mutex<HashMap<IpAddr, Guesses>>,
}

impl Throttle {
    /// Count a guess before it is looked at, so that guesses side by side gain nothing, or say how
    /// long to wait.
    pub(super) fn admit(&self, peer: IpAddr, now: Instant) -> Result<(), Duration> {
        let peer = neighbourhood(peer);
        let mut known = self.known();
        let before = known.get(&peer).copied().filter(|guesses| now < guesses.last + MEMORY);
        if let Some(wait) = before.map(|guesses| guesses.over_at().saturating_duration_since(now))
            && !wait.is_zero()
        {
            return Err(wait);
        }
        if before.is_none() && known.len() >= CAPACITY {
            make_room(&mut known, now);
        }
        let wrong = before.map_or(0, |guesses| guesses.wrong).saturating_add(1);
        known.insert(peer, Guesses { wrong, last: now });
        Ok(())
    }

    /// The key was right: this address starts afresh.
    pub(super) fn forgive(&self, peer: IpAddr) {
        self.known().remove(&neighbourhood(peer));
    }

    /// It was no guess, so it does not count.
    pub(super) fn take_back(&self, peer: IpAddr) {
        if let Some(guesses) = self.known().get_mut(&neighbourhood(peer)) {
            guesses.wrong = guesses.wrong.saturating_sub(1);
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<IpAddr, Guesses>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever has one address of IPv6 has the whole network around it.
fn neighbourhood(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from(network))
        }
        four @ IpAddr::V4(_) => four,
    }
}

/// What is long past goes, and where that is not enough, the older half.
fn make_room(known: &mut HashMap<IpAddr, Guesses>, now: Instant) {
    known.retain(|_, guesses| now < guesses.last + MEMORY);
    if known.len() < CAPACITY {
        return;
    }
    let mut moments: Vec<Instant> = known.values().map(|guesses| guesses.last).collect();
    let middle = moments.len() / 2;
    let (_, &mut median, _) = moments.select_nth_unstable(middle);
    known.retain(|_, guesses| guesses.last > median);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_guesses_are_free_and_each_further_one_costs_more() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let mallory = peer("192.0.2.1");
        for _ in 0..=FREE {
            assert_eq!(throttle.admit(mallory, now), Ok(()));
        }
        assert_eq!(throttle.admit(mallory, now), Err(FIRST_PAUSE));
        assert_eq!(throttle.admit(peer("192.0.2.2"), now), Ok(()), "a neighbour is not kept out");
        let later = now + FIRST_PAUSE;
        assert_eq!(throttle.admit(mallory, later), Ok(()));
        assert_eq!(throttle.admit(mallory, later), Err(FIRST_PAUSE * 2));
        let mut moment = later;
        for _ in 0..20 {
            moment += LONGEST_PAUSE;
            assert_eq!(throttle.admit(mallory, moment), Ok(()));
        }
        assert_eq!(throttle.admit(mallory, moment), Err(LONGEST_PAUSE));
        assert_eq!(throttle.admit(mallory, moment + MEMORY), Ok(()), "it is long ago");
    }

    #[test]
    fn a_right_key_and_what_was_no_guess_do_not_count() {
        let (throttle, now, me) = (Throttle::default(), Instant::now(), peer("192.0.2.1"));
        for _ in 0..100 {
            assert_eq!(throttle.admit(me, now), Ok(()));
            throttle.take_back(me);
        }
        for _ in 0..=FREE {
            assert_eq!(throttle.admit(me, now), Ok(()));
        }
        assert!(throttle.admit(me, now).is_err());
        throttle.forgive(me);
        assert_eq!(throttle.admit(me, now), Ok(()));
    }

    #[test]
    fn a_whole_network_of_ipv6_is_one_address_and_so_is_a_mapped_one() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for last in 0..=FREE {
            assert_eq!(throttle.admit(peer(&format!("2001:db8::{last:x}")), now), Ok(()));
        }
        assert!(throttle.admit(peer("2001:db8::ffff"), now).is_err());
        assert_eq!(throttle.admit(peer("2001:db8:0:1::1"), now), Ok(()));
        for _ in 0..=FREE {
            assert_eq!(throttle.admit(peer("::ffff:192.0.2.1"), now), Ok(()));
        }
        assert!(throttle.admit(peer("192.0.2.1"), now).is_err());
    }

    #[test]
    fn a_flood_of_addresses_does_not_fill_the_memory() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for number in 0..30_000_u32 {
            let moment = now + Duration::from_millis(number.into());
            assert_eq!(throttle.admit(std::net::Ipv4Addr::from(number).into(), moment), Ok(()));
        }
        assert!(throttle.known().len() <= CAPACITY);
    }
}
