//! `LIKE` minds no case in SQLite, so patterns that do are said in `GLOB`'s words.

use crate::plan::BoundValue;
use crate::statement::Param;

pub(super) fn glob(pattern: &BoundValue) -> Param {
    let BoundValue::Text(pattern) = pattern else { return pattern.clone() };
    let mut glob = String::with_capacity(pattern.len() + 8);
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => glob.push('*'),
            '_' => glob.push('?'),
            // What is escaped means itself, and so does an escape that nothing follows.
            '\\' => literal(&mut glob, chars.next().unwrap_or('\\')),
            other => literal(&mut glob, other),
        }
    }
    Param::Text(glob)
}

fn literal(glob: &mut String, c: char) {
    if matches!(c, '*' | '?' | '[') {
        glob.push('[');
        glob.push(c);
        glob.push(']');
    } else {
        glob.push(c);
    }
}

/// A text that a caller may have meant as a number.
pub(super) fn reads_as_number(value: &BoundValue) -> bool {
    match value {
        BoundValue::Text(text) => text.trim().parse::<f64>().is_ok_and(f64::is_finite),
        _ => false,
    }
}
