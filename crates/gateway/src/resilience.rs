//! What stands between a request and a database that is slow, busy or away.

mod breaker;
#[cfg(test)]
mod tests;
mod turn;

pub(crate) use breaker::Breaker;
pub(crate) use turn::{Gate, Turn};

use crate::registry::Upstream;
use backend::{BackendError, ErrorClass};
use query::Access;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How patient the gateway is with one client's database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResilienceSettings {
    /// How often a read is tried again after a transient error. Writes never are.
    pub read_retries: u32,
    /// Before the first repetition; doubled before each further one.
    pub first_backoff: Duration,
    pub longest_backoff: Duration,
    /// So many failures in a row, within the window, open the breaker.
    pub breaker_failures: u32,
    pub breaker_window: Duration,
    /// How long an open breaker lets nobody through before it tries one request.
    pub breaker_pause: Duration,
    /// Requests that one client's database may have before it or waiting for it.
    pub max_waiting: usize,
}

impl Default for ResilienceSettings {
    fn default() -> Self {
        Self {
            read_retries: 1,
            first_backoff: Duration::from_millis(100),
            longest_backoff: Duration::from_secs(2),
            breaker_failures: 5,
            breaker_window: Duration::from_secs(10),
            breaker_pause: Duration::from_secs(5),
            max_waiting: 1_000,
        }
    }
}

/// Why a request was turned away before it reached its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnedAway {
    /// The breaker is open for so much longer.
    Paused { left: Duration },
    /// So many requests are there already.
    Crowded { limit: usize },
    /// Nobody writes to this client.
    ReadOnly,
}

/// The attempts at one statement, under one deadline.
pub(crate) struct Attempts<'a> {
    upstream: &'a Upstream,
    turn: Turn,
    deadline: Instant,
    time: Duration,
    access: Access,
    repeated: u32,
}

impl<'a> Attempts<'a> {
    pub(crate) fn begin(
        upstream: &'a Upstream,
        access: Access,
        time: Duration,
    ) -> Result<Self, TurnedAway> {
        if access == Access::ReadWrite && upstream.info().tuning.read_only {
            return Err(TurnedAway::ReadOnly);
        }
        let turn = upstream.gate().enter()?;
        Ok(Self { upstream, turn, deadline: Instant::now() + time, time, access, repeated: 0 })
    }

    /// What is left of the time for all attempts together.
    pub(crate) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Learn from an attempt. `None`, after a pause, says that it is worth another one.
    pub(crate) async fn settle<T>(
        &mut self,
        result: Result<T, BackendError>,
    ) -> Option<Result<T, BackendError>> {
        let error = match result {
            Ok(value) => {
                self.turn.succeeded();
                return Some(Ok(value));
            }
            Err(error) => error,
        };
        // Learned from as it is, told as the client has it.
        let told = |error| match self.upstream.terms() {
            Some(terms) => terms.told(error, self.time),
            None => error,
        };
        if is_outage(&error) {
            self.turn.failed();
        } else if is_answer(&error) {
            self.turn.succeeded();
        }
        self.upstream.learn(&error);
        let pause = self.pause();
        if !self.is_worth_repeating(&error) || self.left() <= pause {
            return Some(Err(told(error)));
        }
        self.repeated += 1;
        sleep(pause).await;
        None
    }

    fn pause(&self) -> Duration {
        let settings = self.upstream.gate().settings();
        let first = self.upstream.info().tuning.first_backoff.unwrap_or(settings.first_backoff);
        backoff(first, settings.longest_backoff, self.repeated)
    }

    fn most_repetitions(&self) -> u32 {
        let tuned = self.upstream.info().tuning.read_retries;
        tuned.unwrap_or(self.upstream.gate().settings().read_retries)
    }

    /// For a statement that goes on after its first row: the place it takes until its end.
    pub(crate) fn into_turn(self) -> Turn {
        self.turn
    }

    fn is_worth_repeating(&self, error: &BackendError) -> bool {
        self.access == Access::ReadOnly
            && error.class() == ErrorClass::Transient
            && self.repeated < self.most_repetitions()
            && self.turn.may_go_on()
    }
}

/// Doubling, each between half and the whole of it, so that many do not come back at once.
fn backoff(first: Duration, longest: Duration, repeated: u32) -> Duration {
    let whole = first.saturating_mul(1 << repeated.min(16));
    whole.min(longest).mul_f64(rand::random_range(0.5..=1.0))
}

/// The database was not there, or was going. A conflict between two writers is no such thing,
/// and neither is a pool that is busy: others get their answers.
fn is_outage(error: &BackendError) -> bool {
    match error {
        BackendError::Unreachable { .. } => true,
        BackendError::Database(database) => {
            error.class() == ErrorClass::Transient
                && ["08", "57P", "53"].iter().any(|class| database.sqlstate.starts_with(class))
        }
        _ => false,
    }
}

/// The database had something to say, so it is there.
fn is_answer(error: &BackendError) -> bool {
    matches!(error, BackendError::Database(_))
}
