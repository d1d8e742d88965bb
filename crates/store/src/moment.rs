//! Moments as PostgreSQL counts them: microseconds since 1970, exactly.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) fn to_micros(moment: SystemTime) -> i64 {
    let count = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
    match moment.duration_since(UNIX_EPOCH) {
        Ok(after) => count(after),
        Err(before) => -count(before.duration()),
    }
}

pub(crate) fn from_micros(micros: i64) -> SystemTime {
    let span = Duration::from_micros(micros.unsigned_abs());
    let moment =
        if micros < 0 { UNIX_EPOCH.checked_sub(span) } else { UNIX_EPOCH.checked_add(span) };
    // A moment that no clock of ours reaches is over rather than endless.
    moment.unwrap_or(UNIX_EPOCH)
}
