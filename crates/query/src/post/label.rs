//! What a group is called.

use crate::request::Granularity;
use jiff::{Timestamp, ToSpan, civil::DateTime, tz::TimeZone};
use serde_json::{Value, value::RawValue};

/// The value itself, or the stretch of time it lies in. `None` when it is no time.
pub(super) fn of(value: Option<&RawValue>, granularity: Option<Granularity>) -> Option<String> {
    let json = value.map_or("null", RawValue::get);
    let text = match serde_json::from_str(json) {
        Ok(Value::String(text)) => text,
        _ => json.to_owned(),
    };
    match granularity {
        Some(granularity) if json != "null" => stretch(time(text.trim())?, granularity),
        _ => Some(text),
    }
}

/// RFC 3339, a date with or without a time of day, or seconds since 1970; in UTC.
fn time(text: &str) -> Option<DateTime> {
    let utc = |timestamp: Timestamp| timestamp.to_zoned(TimeZone::UTC).datetime();
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(utc(timestamp));
    }
    if let Ok(civil) = text.parse::<DateTime>() {
        return Some(civil);
    }
    let seconds: i64 = text.split_once('.').map_or(text, |(whole, _)| whole).parse().ok()?;
    Timestamp::from_second(seconds).ok().map(utc)
}

fn stretch(time: DateTime, granularity: Granularity) -> Option<String> {
    let format = match granularity {
        Granularity::Minute => "%Y-%m-%d %H:%M",
        Granularity::Hour => "%Y-%m-%d %H:00",
        Granularity::Day | Granularity::Week => "%Y-%m-%d",
        Granularity::Month => "%Y-%m",
    };
    let shown = match granularity {
        Granularity::Week => {
            let after_monday = i64::from(time.weekday().to_monday_zero_offset());
            time.checked_sub(after_monday.days()).ok()?
        }
        _ => time,
    };
    Some(shown.strftime(format).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(json: &str, granularity: Option<Granularity>) -> Option<String> {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        of(Some(&raw), granularity)
    }

    #[test]
    fn times_fall_into_stretches_in_utc() {
        use Granularity::{Day, Hour, Minute, Month, Week};
        for (json, granularity, expected) in [
            ("\"2025-01-02T10:59:59.5+02:00\"", Hour, "2025-01-02 08:00"),
            ("\"2025-01-02T00:30:00+02:00\"", Day, "2025-01-01"),
            ("\"2025-01-02 10:07:33\"", Minute, "2025-01-02 10:07"),
            ("\"2025-01-02T10:07:33.123456\"", Minute, "2025-01-02 10:07"),
            ("\"2025-01-02\"", Hour, "2025-01-02 00:00"),
            // A Thursday, whose week began in the year before.
            ("\"2025-01-02\"", Week, "2024-12-30"),
            ("\"2025-01-06\"", Week, "2025-01-06"),
            ("\"2025-01-05T23:59:59Z\"", Week, "2024-12-30"),
            ("\"2024-02-29\"", Month, "2024-02"),
            ("1735812000", Hour, "2025-01-02 10:00"),
            ("\"1735812000\"", Day, "2025-01-02"),
            ("1735812000.75", Day, "2025-01-02"),
            ("null", Day, "null"),
        ] {
            assert_eq!(label(json, Some(granularity)).as_deref(), Some(expected), "{json}");
        }
        for json in
            ["\"soon\"", "true", "{}", "\"infinity\"", "\"99999999999999999999\"", "\"2025-13-01\""]
        {
            assert_eq!(label(json, Some(Day)), None, "{json}");
        }
    }

    #[test]
    fn without_a_granularity_the_value_is_the_label() {
        for (json, expected) in [
            ("\"a \\u00e9\"", "a é"),
            ("1.50", "1.50"),
            ("null", "null"),
            ("[1]", "[1]"),
            ("true", "true"),
        ] {
            assert_eq!(label(json, None).as_deref(), Some(expected));
        }
        assert_eq!(of(None, None).as_deref(), Some("null"));
    }
}
