//! Log lines: for people in a terminal, as JSON for machines, and never in a request's way.

mod json;
mod lines;
mod plain;

pub use lines::LinesGuard;

use lines::Lines;
use std::io::{self, IsTerminal};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// What log lines look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Pretty,
    Json,
}

#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("the log level {level:?} is not understood")]
    Level {
        level: String,
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },
    #[error("the thread that writes the log cannot be started")]
    Thread(#[source] io::Error),
    #[error("logging was set up twice")]
    Twice(#[source] tracing_subscriber::util::TryInitError),
}

/// Start logging to standard error. Lines are written until the guard is dropped.
pub fn start(format: Format, level: &str) -> Result<LinesGuard, TelemetryError> {
    // The driver would write whole statements of ours into the log; a level can still ask for them.
    let filter = EnvFilter::try_new(format!("sqlx::query=off,{level}"))
        .map_err(|source| TelemetryError::Level { level: level.to_owned(), source })?;
    let (writer, guard) = Lines::write_to(io::stderr()).map_err(TelemetryError::Thread)?;
    let lines = fmt::layer().with_writer(writer);
    let registry = tracing_subscriber::registry().with(filter);
    let started = match format {
        Format::Json => registry.with(lines.event_format(json::Json)).try_init(),
        Format::Pretty if io::stderr().is_terminal() => {
            registry.with(lines.with_target(false)).try_init()
        }
        Format::Pretty => registry.with(lines.event_format(plain::Plain)).try_init(),
    };
    started.map_err(TelemetryError::Twice)?;
    Ok(guard)
}
