//! How values and counts read to a person. Pure text, the same on both sides of hydration.

mod moment;
mod status;

pub use moment::{day, moment};
pub use status::phase_of;

use api_types::console::{DataType, FilterOp, RowCount};

/// `view_status` as `View status`.
pub fn prettify(word: &str) -> String {
    let spaced = word.replace(['_', '-'], " ");
    let mut chars = spaced.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `text` as a sentence: it begins large and ends with a stop.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let mut out: String =
        chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect());
    if !out.is_empty() && !out.ends_with(['.', '!', '?', '…']) {
        out.push('.');
    }
    out
}

/// A decimal text with its thousands apart; anything else as it is.
pub fn grouped(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(w, f)| (w, Some(f)));
    let digits_only = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits_only(whole) || !fraction.is_none_or(digits_only) {
        return number.to_owned();
    }
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// `200k`, `3.1k`, `214`: for places that only have room for a feeling.
pub fn brief_count(rows: i64) -> String {
    match rows {
        ..1_000 => rows.max(0).to_string(),
        1_000..10_000 => format!("{}.{}k", rows / 1_000, rows % 1_000 / 100),
        10_000..1_000_000 => format!("{}k", rows / 1_000),
        _ => format!("{}.{}M", rows / 1_000_000, rows % 1_000_000 / 100_000),
    }
}

/// `812 B`, `104 KB`, `1.8 MB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// `0.4 ms`, `11 ms`, `1.2 s`.
pub fn duration(ms: f64) -> String {
    if ms < 1.0 {
        format!("{ms:.1} ms")
    } else if ms < 1000.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.1} s", ms / 1000.0)
    }
}

/// `18,204 rows`, with the word for how sure that is.
pub fn count(count: RowCount) -> String {
    let rows = |rows: u64| {
        format!("{} {}", grouped(&rows.to_string()), if rows == 1 { "row" } else { "rows" })
    };
    match count {
        RowCount::Exact { rows: n, .. } => rows(n),
        RowCount::About { rows: n } => format!("about {}", rows(n)),
        RowCount::AtLeast { rows: n } => format!("at least {}", rows(n)),
        RowCount::Unknown => "not counted".to_owned(),
    }
}

/// An operator between a column and a value, in words.
pub fn operator(op: FilterOp, data_type: DataType) -> &'static str {
    let in_time = matches!(data_type, DataType::Date | DataType::Timestamp);
    match op {
        FilterOp::Eq => "is",
        FilterOp::Neq => "is not",
        FilterOp::Gt if in_time => "after",
        FilterOp::Gt => "over",
        FilterOp::Gte if in_time => "from",
        FilterOp::Gte => "at least",
        FilterOp::Lt if in_time => "before",
        FilterOp::Lt => "under",
        FilterOp::Lte if in_time => "until",
        FilterOp::Lte => "at most",
        FilterOp::Contains => "contains",
        FilterOp::NotContains => "does not contain",
        FilterOp::StartsWith => "starts with",
        FilterOp::EndsWith => "ends with",
        FilterOp::In => "is any of",
        FilterOp::NotIn => "is none of",
        FilterOp::IsNull => "is null",
        FilterOp::IsNotNull => "is not null",
    }
}

/// The operators that make sense for a type.
pub fn operators(data_type: DataType) -> &'static [FilterOp] {
    use FilterOp::{
        Contains, EndsWith, Eq, Gt, Gte, In, IsNotNull, IsNull, Lt, Lte, Neq, NotContains, NotIn,
        StartsWith,
    };
    match data_type {
        DataType::String => {
            &[Contains, Eq, Neq, NotContains, StartsWith, EndsWith, In, NotIn, IsNull, IsNotNull]
        }
        DataType::Number => &[Eq, Neq, Gt, Gte, Lt, Lte, In, NotIn, IsNull, IsNotNull],
        DataType::Date | DataType::Timestamp => &[Eq, Neq, Gt, Gte, Lt, Lte, IsNull, IsNotNull],
        DataType::Json => &[IsNull, IsNotNull],
        DataType::Boolean | DataType::Uuid | DataType::Other => &[Eq, Neq, IsNull, IsNotNull],
    }
}

/// The letter on a chip, and one of six tints that stays with the name.
pub fn monogram(label: &str) -> (String, usize) {
    let letter = label.chars().find(|c| c.is_alphanumeric()).unwrap_or('·');
    let tint =
        label.bytes().fold(7_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    (letter.to_uppercase().collect(), tint % 6 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart_and_every_digit_stays() {
        for (number, shown) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("-1234567.50", "-1,234,567.50"),
            ("12O.50", "12O.50"),
            ("1e9", "1e9"),
            ("NaN", "NaN"),
            ("123456789012345678901234567890.1", "123,456,789,012,345,678,901,234,567,890.1"),
        ] {
            assert_eq!(grouped(number), shown);
        }
    }

    #[test]
    fn an_answer_reads_as_a_sentence() {
        assert_eq!(sentence("there is no column \"x\""), "There is no column \"x\".");
        assert_eq!(sentence("Write it so: a=b."), "Write it so: a=b.");
        assert_eq!(sentence(" "), "");
    }

    #[test]
    fn an_unsure_count_says_so() {
        assert_eq!(count(RowCount::Exact { rows: 1, took_ms: 2.0 }), "1 row");
        assert_eq!(count(RowCount::About { rows: 1200 }), "about 1,200 rows");
        assert_eq!(count(RowCount::AtLeast { rows: 1000 }), "at least 1,000 rows");
        assert_eq!(count(RowCount::Unknown), "not counted");
    }

    #[test]
    fn brief_counts_keep_their_size() {
        for (rows, shown) in
            [(-1, "0"), (214, "214"), (3_140, "3.1k"), (200_000, "200k"), (1_250_000, "1.2M")]
        {
            assert_eq!(brief_count(rows), shown);
        }
    }
}
