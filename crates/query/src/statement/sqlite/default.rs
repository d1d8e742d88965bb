//! A column's default as something that can stand beside given values.

use crate::statement::{Param, RenderError};
use catalog::Column;

pub(super) enum Default {
    Words(&'static str),
    Value(Param),
}

pub(super) fn of(column: &Column) -> Result<Default, RenderError> {
    let Some(text) = column.default.as_deref().map(str::trim) else {
        // The key that is the row's number is given out when it is null.
        return Ok(Default::Words("NULL"));
    };
    if let Some(param) = literal(text) {
        return Ok(Default::Value(param));
    }
    const WORDS: [&str; 6] =
        ["NULL", "TRUE", "FALSE", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"];
    match WORDS.into_iter().find(|word| word.eq_ignore_ascii_case(text)) {
        Some(words) => Ok(Default::Words(words)),
        None => Err(RenderError::NotSupported {
            what: "default that is an expression beside records that give a value",
        }),
    }
}

/// `7`, `-0.5` or `'it''s'`.
fn literal(text: &str) -> Option<Param> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(Param::Int8(number));
    }
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    if is_number {
        return text.parse().ok().filter(|number: &f64| number.is_finite()).map(Param::Float8);
    }
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let is_whole = !inner.replace("''", "").contains('\'');
    is_whole.then(|| Param::Text(inner.replace("''", "'")))
}
