//! Moments in the one spelling SQLite's own functions use, so that texts sort as time does.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

pub(super) fn date(text: &str) -> Option<String> {
    text.parse::<Date>().ok().map(|date| date.to_string())
}

pub(super) fn time(text: &str) -> Option<String> {
    text.parse::<Time>().ok().map(|time| time.to_string())
}

/// As the clock on the wall shows it: an offset is left out, as PostgreSQL does.
pub(super) fn timestamp(text: &str) -> Option<String> {
    let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    text.parse::<DateTime>().ok().map(spelled)
}

/// In UTC, which is also what a text without an offset is meant in.
pub(super) fn timestamptz(text: &str) -> Option<String> {
    match text.parse::<Timestamp>() {
        Ok(moment) => Some(spelled(TimeZone::UTC.to_datetime(moment))),
        Err(_without_offset) => text.parse::<DateTime>().ok().map(spelled),
    }
}

/// `2024-01-31 09:30:00.5`, as `CURRENT_TIMESTAMP` writes it.
fn spelled(moment: DateTime) -> String {
    moment.to_string().replacen('T', " ", 1)
}
