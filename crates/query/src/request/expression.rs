//! The text form of a tree: `status.eq.paid,or(amount.gt.5,note.is.null)`.

use super::{
    Filter, Operator,
    condition::{Conditions, invalid, negate_if},
    error::RequestError,
};
use crate::request::operator::known;
use serde_json::Value;

/// `word` is `or`, `and` or `not`, and says how the top level is joined.
pub(super) fn parse(
    conditions: &mut Conditions<'_>,
    text: &str,
    word: &str,
    path: &str,
) -> Result<Filter, RequestError> {
    let path = format!("{path}.value");
    let joined = Reader { conditions, path: &path }.joined(text, word == "or", 1)?;
    Ok(negate_if(word == "not", joined))
}

struct Reader<'a, 'b> {
    conditions: &'a mut Conditions<'b>,
    path: &'a str,
}

impl Reader<'_, '_> {
    fn joined(&mut self, text: &str, any: bool, depth: usize) -> Result<Filter, RequestError> {
        if depth > self.conditions.max_depth() {
            return Err(self.invalid("the conditions stand too deep in each other"));
        }
        let parts =
            split(text).ok_or_else(|| self.invalid("a parenthesis or quote is not closed"))?;
        let mut filters = Vec::new();
        for part in gather(parts) {
            filters.push(self.term(part.trim(), depth)?);
        }
        Ok(if any { Filter::Or(filters) } else { Filter::And(filters) })
    }

    fn term(&mut self, text: &str, depth: usize) -> Result<Filter, RequestError> {
        for (word, any, negated) in [
            ("and(", false, false),
            ("or(", true, false),
            ("not(", false, true),
            ("(", false, false),
        ] {
            if let Some(inner) = text.strip_prefix(word).and_then(|rest| rest.strip_suffix(')')) {
                return Ok(negate_if(negated, self.joined(inner, any, depth + 1)?));
            }
        }
        if let Some(rest) = text.strip_prefix("not.") {
            if depth >= self.conditions.max_depth() {
                return Err(self.invalid("the conditions stand too deep in each other"));
            }
            return Ok(negate_if(true, self.term(rest, depth + 1)?));
        }
        self.predicate(text)
    }

    /// `column.operator.value`, or `column.not.operator.value`.
    fn predicate(&mut self, text: &str) -> Result<Filter, RequestError> {
        let Some((column, rest)) = text.split_once('.') else {
            return Err(self.invalid("'column.operator.value' is expected"));
        };
        let (negated, rest) = rest.strip_prefix("not.").map_or((false, rest), |rest| (true, rest));
        let (word, value) = rest.split_once('.').unwrap_or((rest, ""));
        let operator = known(word);
        let value = match operator {
            Some(Operator::In | Operator::NotIn) => list(value),
            Some(Operator::IsNull | Operator::NotNull) if value.is_empty() => Value::Null,
            Some(Operator::Like | Operator::Ilike) => Value::String(unquoted(value)),
            Some(_) if !rest.contains('.') => return Err(self.invalid("the value is missing")),
            Some(_) | None => scalar(value),
        };
        let filter = self.conditions.spoken(self.path, column.trim(), word, value)?;
        Ok(negate_if(negated, filter))
    }

    fn invalid(&self, reason: &'static str) -> RequestError {
        invalid(self.path, reason)
    }
}

/// The parts between the commas of the top level.
fn split(text: &str) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            // A quote opens only where a value begins; elsewhere it is a letter like others.
            '"' if is_quoted || text[..at].ends_with(['.', ',', '(']) => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (depth == 0 && !is_quoted).then_some(parts)
}

/// Joins `a.in.1` and the `2` that follows it again: one client writes lists without parentheses.
fn gather(parts: Vec<&str>) -> Vec<String> {
    let mut gathered: Vec<String> = Vec::new();
    for part in parts {
        match gathered.last_mut() {
            Some(last) if is_open_list(last) && !is_term(part) => {
                last.push(',');
                last.push_str(part);
            }
            _ => gathered.push(part.to_owned()),
        }
    }
    gathered
}

fn is_open_list(text: &str) -> bool {
    let mut parts = text.trim().splitn(3, '.');
    let (_, word, value) = (parts.next(), parts.next(), parts.next());
    word == Some("in") && value.is_some_and(|value| !value.starts_with('('))
}

fn is_term(text: &str) -> bool {
    let text = text.trim();
    let is_group = ["and(", "or(", "not(", "not.", "("].iter().any(|word| text.starts_with(word));
    let word = text.split('.').nth(1);
    is_group || word.is_some_and(|word| word == "not" || known(word).is_some())
}

/// `(a,b)` or `a,b` as an array.
fn list(text: &str) -> Value {
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
    if inner.trim().is_empty() {
        return Value::Array(Vec::new());
    }
    split(inner)
        .unwrap_or_else(|| vec![inner])
        .into_iter()
        .map(|item| scalar(item.trim()))
        .collect()
}

/// A word as the value it looks like; the column's type decides in the end.
fn scalar(text: &str) -> Value {
    match text {
        "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ if is_plain_number(text) => {
            serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
        }
        _ => Value::String(unquoted(text)),
    }
}

fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn unquoted(text: &str) -> String {
    let Some(inner) =
        text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|_| text.len() >= 2)
    else {
        return text.to_owned();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut is_escaped = false;
    for c in inner.chars() {
        if c == '\\' && !is_escaped {
            is_escaped = true;
        } else {
            plain.push(c);
            is_escaped = false;
        }
    }
    plain
}
