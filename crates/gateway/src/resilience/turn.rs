//! A request's place before one client's database: counted, so that a slow one cannot take all memory.

use super::{Breaker, ResilienceSettings, TurnedAway, breaker::Leave};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// What every request for a client's database goes through.
#[derive(Debug)]
pub(crate) struct Gate {
    settings: ResilienceSettings,
    breaker: Breaker,
    inside: AtomicUsize,
}

/// A place inside; given back when dropped.
pub(crate) struct Turn {
    gate: Arc<Gate>,
    leave: Leave,
    is_settled: bool,
}

impl Gate {
    pub(crate) fn new(settings: &ResilienceSettings) -> Self {
        let breaker = Breaker::new(settings);
        Self { settings: settings.clone(), breaker, inside: AtomicUsize::new(0) }
    }

    pub(crate) fn settings(&self) -> &ResilienceSettings {
        &self.settings
    }

    pub(crate) fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// Requests that are at the database or wait for it.
    pub(crate) fn inside(&self) -> usize {
        self.inside.load(Ordering::Relaxed)
    }

    pub(crate) fn enter(self: &Arc<Self>) -> Result<Turn, TurnedAway> {
        let limit = self.settings.max_waiting;
        if self.inside.fetch_add(1, Ordering::Relaxed) >= limit {
            self.inside.fetch_sub(1, Ordering::Relaxed);
            return Err(TurnedAway::Crowded { limit });
        }
        match self.breaker.admit() {
            Ok(leave) => Ok(Turn { gate: Arc::clone(self), leave, is_settled: false }),
            Err(left) => {
                self.inside.fetch_sub(1, Ordering::Relaxed);
                Err(TurnedAway::Paused { left })
            }
        }
    }
}

impl Turn {
    pub(crate) fn succeeded(&mut self) {
        self.is_settled = true;
        self.gate.breaker.succeeded(self.leave);
    }

    pub(crate) fn failed(&mut self) {
        self.is_settled = true;
        if self.gate.breaker.failed(self.leave) {
            tracing::warn!(
                pause_ms = self.gate.settings.breaker_pause.as_millis(),
                "a database keeps failing; its requests are turned away for a while"
            );
        }
    }

    /// An open breaker ends the repetitions of those who were let in before.
    pub(crate) fn may_go_on(&self) -> bool {
        self.gate.breaker.is_closed()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.gate.inside.fetch_sub(1, Ordering::Relaxed);
        if !self.is_settled {
            self.gate.breaker.gave_up(self.leave);
        }
    }
}
