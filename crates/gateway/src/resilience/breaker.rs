//! A switch that opens when a database keeps failing, and closes when one request got through.

use super::ResilienceSettings;
use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

const CLOSED: &str = "closed";
const OPEN: &str = "open";
const HALF_OPEN: &str = "half_open";

#[derive(Debug)]
enum State {
    /// So many failures in a row, the first of them then.
    Closed {
        failures: u32,
        since: Instant,
    },
    Open {
        until: Instant,
    },
    HalfOpen {
        is_probing: bool,
    },
}

/// One client's breaker.
#[derive(Debug)]
pub(crate) struct Breaker {
    failures: u32,
    window: Duration,
    pause: Duration,
    state: Mutex<State>,
    /// False as long as nothing ever goes wrong, and then no request takes the lock.
    is_troubled: AtomicBool,
}

/// Leave to ask the database; some of it is the one request that finds out whether it is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leave {
    Plain,
    Probe,
}

impl Breaker {
    pub(crate) const WORDS: [&str; 3] = [CLOSED, OPEN, HALF_OPEN];

    pub(crate) fn new(settings: &ResilienceSettings) -> Self {
        Self {
            failures: settings.breaker_failures.max(1),
            window: settings.breaker_window,
            pause: settings.breaker_pause,
            state: Mutex::new(State::Closed { failures: 0, since: Instant::now() }),
            is_troubled: AtomicBool::new(false),
        }
    }

    /// Leave to go on, or for how long there will be none.
    pub(crate) fn admit(&self) -> Result<Leave, Duration> {
        if !self.is_troubled.load(Ordering::Acquire) {
            return Ok(Leave::Plain);
        }
        let mut state = self.lock();
        let now = Instant::now();
        match *state {
            State::Closed { .. } => Ok(Leave::Plain),
            State::Open { until } if now < until => Err(until - now),
            State::Open { .. } | State::HalfOpen { is_probing: false } => {
                *state = State::HalfOpen { is_probing: true };
                Ok(Leave::Probe)
            }
            // The probe's answer is awaited.
            State::HalfOpen { is_probing: true } => Err(Duration::from_secs(1)),
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        !self.is_troubled.load(Ordering::Acquire) || matches!(*self.lock(), State::Closed { .. })
    }

    /// The word for metrics.
    pub(crate) fn word(&self) -> &'static str {
        if !self.is_troubled.load(Ordering::Acquire) {
            return CLOSED;
        }
        match &*self.lock() {
            State::Closed { .. } => CLOSED,
            State::Open { until } if Instant::now() < *until => OPEN,
            // The next request tries.
            State::Open { .. } | State::HalfOpen { .. } => HALF_OPEN,
        }
    }

    pub(crate) fn succeeded(&self, leave: Leave) {
        if !self.is_troubled.load(Ordering::Acquire) {
            return;
        }
        let mut state = self.lock();
        match (&*state, leave) {
            (State::Closed { .. }, _) | (State::HalfOpen { .. }, Leave::Probe) => {
                *state = State::Closed { failures: 0, since: Instant::now() };
                self.is_troubled.store(false, Ordering::Release);
            }
            // It was let through before the breaker opened; it says nothing of now.
            (State::Open { .. } | State::HalfOpen { .. }, _) => {}
        }
    }

    /// True when this failure opened the breaker.
    pub(crate) fn failed(&self, leave: Leave) -> bool {
        let mut state = self.lock();
        let now = Instant::now();
        self.is_troubled.store(true, Ordering::Release);
        let opens = match &mut *state {
            State::Closed { failures, since } => {
                if now - *since > self.window {
                    (*failures, *since) = (0, now);
                }
                *failures += 1;
                *failures >= self.failures
            }
            State::HalfOpen { .. } => leave == Leave::Probe,
            State::Open { .. } => false,
        };
        if opens {
            *state = State::Open { until: now + self.pause };
        }
        opens
    }

    /// A probe ended without saying anything, as when its caller went away.
    pub(crate) fn gave_up(&self, leave: Leave) {
        if leave == Leave::Probe
            && let State::HalfOpen { is_probing } = &mut *self.lock()
        {
            *is_probing = false;
        }
    }

    /// The catalog could be read, so the next request may try.
    pub(crate) fn may_recover(&self) {
        if !self.is_troubled.load(Ordering::Acquire) {
            return;
        }
        if let State::Open { until } = &mut *self.lock() {
            *until = Instant::now();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
