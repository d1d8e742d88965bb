//! How long each stage of a request took. The names are those of the stages everywhere.

use std::time::{Duration, Instant};

/// A step of a request's journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Auth,
    Parse,
    Plan,
    Permit,
    Render,
    Cache,
    Execute,
    Build,
}

impl Stage {
    const ALL: [Self; 8] = [
        Self::Auth,
        Self::Parse,
        Self::Plan,
        Self::Permit,
        Self::Render,
        Self::Cache,
        Self::Execute,
        Self::Build,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Parse => "parse",
            Self::Plan => "plan",
            Self::Permit => "permit",
            Self::Render => "render",
            Self::Cache => "cache",
            Self::Execute => "execute",
            Self::Build => "build",
        }
    }
}

/// A stopwatch that is read at the end of each stage.
#[derive(Debug, Clone)]
pub struct Timings {
    started: Instant,
    lap: Instant,
    took: [Duration; 8],
}

impl Timings {
    pub fn start() -> Self {
        let now = Instant::now();
        Self { started: now, lap: now, took: [Duration::ZERO; 8] }
    }

    /// Ascribe the time since the last call to `stage`.
    pub fn finish(&mut self, stage: Stage) {
        let now = Instant::now();
        self.took[stage as usize] += now - self.lap;
        self.lap = now;
    }

    /// Part of what was ascribed to `outer` went into the stages of `inner`.
    pub fn was_within(&mut self, outer: Stage, inner: &Self) {
        for stage in Stage::ALL {
            let took = inner.of(stage);
            self.took[stage as usize] += took;
            self.took[outer as usize] = self.took[outer as usize].saturating_sub(took);
        }
    }

    /// Ascribe the time since the last call to nothing.
    #[must_use]
    pub fn skip(mut self) -> Self {
        self.lap = Instant::now();
        self
    }

    pub fn of(&self, stage: Stage) -> Duration {
        self.took[stage as usize]
    }

    pub fn total(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Timings {
    /// As the `Server-Timing` header wants it, in milliseconds; stages that did not happen are left out.
    pub fn header(&self) -> String {
        let mut text = String::with_capacity(160);
        let mut digits = itoa::Buffer::new();
        for stage in Stage::ALL {
            let took = self.of(stage);
            if took.is_zero() {
                continue;
            }
            if !text.is_empty() {
                text.push(',');
            }
            text.push_str(stage.as_str());
            text.push_str(";dur=");
            let micros = took.as_micros();
            text.push_str(digits.format(micros / 1000));
            text.push('.');
            let rest = digits.format(micros % 1000);
            text.push_str(&"000"[rest.len()..]);
            text.push_str(rest);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_read_as_a_server_timing_header() {
        let mut timings = Timings::start();
        timings.took[Stage::Parse as usize] = Duration::from_micros(1500);
        timings.took[Stage::Execute as usize] = Duration::from_millis(2);
        timings.took[Stage::Plan as usize] = Duration::from_nanos(7_999);
        assert_eq!(timings.header(), "parse;dur=1.500,plan;dur=0.007,execute;dur=2.000");
    }
}
