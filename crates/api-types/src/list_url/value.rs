//! The value side of a filter, and comma lists: one spelling for each, read and written here.

use crate::console::FilterOp;

/// Operators in front of a value or behind a name; longer ones first, so that `>=` is not `>`.
pub(super) const SYMBOLS: [(&str, FilterOp); 11] = [
    (">=", FilterOp::Gte),
    ("<=", FilterOp::Lte),
    ("!=", FilterOp::Neq),
    ("!~", FilterOp::NotContains),
    ("==", FilterOp::Eq),
    (">", FilterOp::Gt),
    ("<", FilterOp::Lt),
    ("~", FilterOp::Contains),
    ("^", FilterOp::StartsWith),
    ("$", FilterOp::EndsWith),
    ("=", FilterOp::Eq),
];

/// An operator by its word, as in `column=contains=x` and in `filters`.
pub(super) fn op_by_word(word: &str) -> Option<FilterOp> {
    Some(match word {
        "eq" | "equals" | "is" => FilterOp::Eq,
        "neq" | "not_equals" => FilterOp::Neq,
        "gt" => FilterOp::Gt,
        "gte" => FilterOp::Gte,
        "lt" => FilterOp::Lt,
        "lte" => FilterOp::Lte,
        "contains" => FilterOp::Contains,
        "not_contains" => FilterOp::NotContains,
        "starts_with" => FilterOp::StartsWith,
        "ends_with" => FilterOp::EndsWith,
        "in" => FilterOp::In,
        "not_in" => FilterOp::NotIn,
        "is_null" => FilterOp::IsNull,
        "is_not_null" => FilterOp::IsNotNull,
        _ => return None,
    })
}

pub(super) fn word_of(op: FilterOp) -> &'static str {
    match op {
        FilterOp::Eq => "equals",
        FilterOp::Neq => "neq",
        FilterOp::Gt => "gt",
        FilterOp::Gte => "gte",
        FilterOp::Lt => "lt",
        FilterOp::Lte => "lte",
        FilterOp::Contains => "contains",
        FilterOp::NotContains => "not_contains",
        FilterOp::StartsWith => "starts_with",
        FilterOp::EndsWith => "ends_with",
        FilterOp::In => "in",
        FilterOp::NotIn => "not_in",
        FilterOp::IsNull => "is_null",
        FilterOp::IsNotNull => "is_not_null",
    }
}

/// A value taken apart: which operator stands in front, and what is left.
#[derive(Debug, PartialEq)]
pub(super) enum Spelled<'a> {
    Plain(&'a str),
    With(FilterOp, &'a str),
    /// `word=rest` where the word is no operator.
    Unknown(&'a str),
}

pub(super) fn spelled(text: &str) -> Spelled<'_> {
    match text {
        "is_null" => return Spelled::With(FilterOp::IsNull, ""),
        "is_not_null" => return Spelled::With(FilterOp::IsNotNull, ""),
        _ => {}
    }
    for (symbol, op) in SYMBOLS {
        if let Some(rest) = text.strip_prefix(symbol) {
            // The form people read, `>= 10`, has one blank that is not part of the value.
            return Spelled::With(op, rest.strip_prefix(' ').unwrap_or(rest));
        }
    }
    let Some((word, rest)) = text.split_once('=') else { return Spelled::Plain(text) };
    if word.is_empty() || !word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
        return Spelled::Plain(text);
    }
    match op_by_word(word) {
        Some(op) => Spelled::With(op, rest),
        None => Spelled::Unknown(word),
    }
}

/// How a filter's value is written behind `column=`.
pub(super) fn spell(op: FilterOp, values: &[String]) -> String {
    let first = values.first().map(String::as_str).unwrap_or_default();
    match op {
        FilterOp::Eq if matches!(spelled(first), Spelled::Plain(_)) => first.to_owned(),
        FilterOp::Gt => format!("> {first}"),
        FilterOp::Gte => format!(">= {first}"),
        FilterOp::Lt => format!("< {first}"),
        FilterOp::Lte => format!("<= {first}"),
        FilterOp::Neq => format!("!= {first}"),
        FilterOp::Eq
        | FilterOp::Contains
        | FilterOp::NotContains
        | FilterOp::StartsWith
        | FilterOp::EndsWith => format!("{}={first}", word_of(op)),
        FilterOp::In | FilterOp::NotIn => format!("{}={}", word_of(op), join_list(values)),
        FilterOp::IsNull | FilterOp::IsNotNull => word_of(op).to_owned(),
    }
}

/// `a,"b,c","say ""x"""` taken apart; `None` when a quote is not closed.
pub(super) fn split_list(text: &str) -> Option<Vec<String>> {
    let mut items = Vec::new();
    let mut rest = (!text.is_empty()).then_some(text);
    while let Some(text) = rest {
        let (item, after) = first_item(text)?;
        items.push(item);
        rest = after;
    }
    Some(items)
}

/// The first member of a comma list, and what follows its comma, if there is one.
pub(super) fn first_item(text: &str) -> Option<(String, Option<&str>)> {
    let (item, after) = match text.strip_prefix('"') {
        Some(quoted) => unquote(quoted)?,
        None => {
            let end = text.find(',').unwrap_or(text.len());
            (text[..end].to_owned(), &text[end..])
        }
    };
    if after.is_empty() { Some((item, None)) } else { Some((item, Some(after.strip_prefix(',')?))) }
}

/// The text up to the closing quote, and what follows it.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut item = String::new();
    let mut rest = quoted;
    loop {
        let at = rest.find('"')?;
        item.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                item.push('"');
                rest = more;
            }
            None => return Some((item, rest)),
        }
    }
}

pub(super) fn join_list(items: &[String]) -> String {
    items.iter().map(|item| quote_item(item)).collect::<Vec<_>>().join(",")
}

/// Quoted only where the bare text would be read as something else.
pub(super) fn quote_item(item: &str) -> String {
    if item.is_empty() || item.starts_with('-') || item.contains([',', '"']) {
        format!("\"{}\"", item.replace('"', "\"\""))
    } else {
        item.to_owned()
    }
}
