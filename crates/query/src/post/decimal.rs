//! Sums of decimal numbers, to the last digit.

use bigdecimal::{BigDecimal, Zero};
use serde_json::value::RawValue;
use std::{collections::HashSet, str::FromStr};

/// Longer than any number that is meant, and far from what would fill memory.
const MAX_DIGITS: usize = 1_000;
const MAX_EXPONENT: i64 = 400;

#[derive(Default)]
pub(super) struct Sum {
    total: BigDecimal,
    seen: HashSet<BigDecimal>,
}

impl Sum {
    /// Adds a JSON value; nothing and null add nothing, and what is no number is refused.
    pub(super) fn add(&mut self, value: Option<&RawValue>, is_distinct: bool) -> Option<()> {
        let Some(value) = value.filter(|value| value.get() != "null") else { return Some(()) };
        let number = number(value.get())?;
        // `1.0` and `1.00` are one value, and the longer one is what the sum is written like.
        if !is_distinct || self.seen.insert(number.normalized()) {
            self.total += number;
        }
        Some(())
    }

    pub(super) fn take_in(&mut self, other: &Self) {
        self.total += &other.total;
    }

    pub(super) fn distinct(&self) -> usize {
        self.seen.len()
    }

    pub(super) fn text(&self) -> String {
        if self.total.is_zero() && self.total.fractional_digit_count() <= 0 {
            return "0".to_owned();
        }
        self.total.to_plain_string()
    }
}

fn number(json: &str) -> Option<BigDecimal> {
    let text: String = match json.as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(json).ok()?,
        _ => json.to_owned(),
    };
    let text = text.trim();
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    if !is_plain || text.len() > MAX_DIGITS {
        return None;
    }
    if let Some((_, exponent)) = text.split_once(['e', 'E']) {
        exponent.parse::<i64>().ok().filter(|exponent| exponent.abs() <= MAX_EXPONENT)?;
    }
    BigDecimal::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(values: &[&str], is_distinct: bool) -> Option<String> {
        let mut sum = Sum::default();
        for value in values {
            let raw = RawValue::from_string((*value).to_owned()).unwrap();
            sum.add(Some(&raw), is_distinct)?;
        }
        Some(sum.text())
    }

    #[test]
    fn no_digit_is_lost() {
        for (values, expected) in [
            (&["0.1", "0.2"][..], "0.3"),
            (&["42.50", "-0.00"], "42.50"),
            (
                &["99999999999999999999999999999999.99", "0.01"],
                "100000000000000000000000000000000.00",
            ),
            (&["\"1.5\"", "null", "2"], "3.5"),
            (&["1e3", "1E-3"], "1000.001"),
            (&["-1", "1"], "0"),
            (&["9007199254740993", "1"], "9007199254740994"),
            (&[], "0"),
        ] {
            assert_eq!(total(values, false).as_deref(), Some(expected), "{values:?}");
        }
        assert_eq!(total(&["1.0", "1.00", "2", "2"], true).as_deref(), Some("3.0"));
    }

    #[test]
    fn what_is_no_number_is_refused_however_long_it_is() {
        let long = "9".repeat(2_000);
        for value in [
            "\"abc\"",
            "true",
            "{}",
            "[1]",
            "\"NaN\"",
            "\"\"",
            "\"1_000\"",
            "\"1e999999999\"",
            long.as_str(),
        ] {
            assert_eq!(total(&[value], false), None, "{value:.20}");
        }
    }
}
