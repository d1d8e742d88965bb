//! Values in the storage class that their column keeps them in.

use super::temporal;
use crate::plan::BoundValue;
use crate::statement::{Param, RenderError};
use catalog::Column;
use serde_json::{Number, Value};

/// How a parameter stands in the text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    /// Bytes travel as hexadecimal digits.
    Hex,
}

impl Form {
    pub(super) fn of(column: &Column) -> Self {
        if column.data_type.base_name() == "bytea" { Self::Hex } else { Self::Plain }
    }
}

/// Digits that survive a column whose numbers SQLite keeps as 64-bit floats.
const KEPT_DIGITS: usize = 15;

pub(super) fn param(column: &Column, value: &BoundValue) -> Result<Param, RenderError> {
    let unfit = |expected| {
        Err(RenderError::UnfitValue { column: column.name.as_str().to_owned(), expected })
    };
    Ok(match value {
        BoundValue::Null => Param::Null,
        BoundValue::Bool(value) => Param::Int8(i64::from(*value)),
        BoundValue::Int2(value) => Param::Int8(i64::from(*value)),
        BoundValue::Int4(value) => Param::Int8(i64::from(*value)),
        BoundValue::Int8(value) => Param::Int8(*value),
        // SQLite would store it as null.
        BoundValue::Float8(value) if value.is_nan() => return unfit("a number"),
        BoundValue::Float8(value) => Param::Float8(*value),
        BoundValue::Uuid(value) => Param::Text(value.to_string()),
        BoundValue::Text(text) => match text_param(column.data_type.base_name(), text) {
            Ok(param) => param,
            Err(expected) => return unfit(expected),
        },
    })
}

/// The list as the text of a JSON array.
pub(super) fn list(column: &Column, values: &[BoundValue]) -> Result<Param, RenderError> {
    let is_number = column.data_type.base_name() == "numeric";
    let item = |value| {
        Ok(match param(column, value)? {
            Param::Int8(number) => Value::from(number),
            Param::Float8(number) => float(number),
            Param::Text(text) if is_number => text.parse().map_or(Value::Null, float),
            Param::Text(text) => Value::from(text),
            _ => Value::Null,
        })
    };
    let items = values.iter().map(item).collect::<Result<Vec<_>, RenderError>>()?;
    Ok(Param::Text(Value::from(items).to_string()))
}

/// JSON has no infinity, but SQLite reads a number that is too large as one.
fn float(number: f64) -> Value {
    let beyond = || if number > 0.0 { "9e999" } else { "-9e999" }.parse().map(Value::Number);
    match Number::from_f64(number) {
        Some(number) => Value::Number(number),
        None => beyond().unwrap_or(Value::Null),
    }
}

fn text_param(base: &str, text: &str) -> Result<Param, &'static str> {
    let moment = |spelled: Option<String>, expected| match (spelled, text.trim().parse::<i64>()) {
        (Some(spelled), _) => Ok(Param::Text(spelled)),
        // Some keep seconds or milliseconds in such a column.
        (None, Ok(number)) => Ok(Param::Int8(number)),
        (None, Err(_)) => Err(expected),
    };
    match base {
        "numeric" => decimal(text.trim()),
        "bytea" => bytes(text),
        "date" => moment(temporal::date(text.trim()), "a date such as 2024-01-31"),
        "time" => moment(temporal::time(text.trim()), "a time such as 09:30:00"),
        "timestamp" => moment(temporal::timestamp(text.trim()), MOMENT),
        "timestamptz" => moment(temporal::timestamptz(text.trim()), MOMENT),
        _ => Ok(Param::Text(text.to_owned())),
    }
}

const MOMENT: &str = "a date and time such as 2024-01-31T09:30:00Z";

fn decimal(text: &str) -> Result<Param, &'static str> {
    if let Ok(number) = text.parse::<i64>() {
        return Ok(Param::Int8(number));
    }
    let is_finite = text.parse::<f64>().is_ok_and(f64::is_finite);
    if !is_finite || significant_digits(text) > KEPT_DIGITS {
        return Err("a number of at most 15 digits, which is what SQLite keeps");
    }
    Ok(Param::Text(text.to_owned()))
}

/// `-0012.300e5` has three: zeros at either end say only how large the number is.
fn significant_digits(text: &str) -> usize {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len()
}

/// PostgreSQL's two spellings of bytes: `\x` and digits, or the characters themselves.
fn bytes(text: &str) -> Result<Param, &'static str> {
    let Some(digits) = text.strip_prefix("\\x") else {
        if text.contains('\\') {
            return Err("bytes as \\x and hexadecimal digits");
        }
        let digits = text.bytes().map(|byte| format!("{byte:02x}"));
        return Ok(Param::Text(digits.collect()));
    };
    let is_hex = digits.len().is_multiple_of(2) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    if is_hex {
        Ok(Param::Text(digits.to_owned()))
    } else {
        Err("bytes as \\x and pairs of digits")
    }
}
