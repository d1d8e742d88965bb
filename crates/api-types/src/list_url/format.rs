//! A query written as a URL.

use super::{DEFAULT_PAGE_SIZE, is_reserved, value};
use crate::console::{FilterOp, FilterTerm, ListQuery, SortTerm};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in a query without being mistaken; the rest is percent-encoded.
const ENCODE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b',').remove(b':').remove(b'/');

pub(super) fn format(query: &ListQuery) -> String {
    let mut pairs = Vec::new();
    if let Some(search) = query.search.as_deref().filter(|text| !text.is_empty()) {
        pairs.push(pair("q", search));
    }
    let (hidden, plain): (Vec<_>, Vec<_>) =
        query.filters.iter().partition(|term| is_reserved(&term.column));
    for term in plain {
        pairs.push(pair(&term.column, &value::spell(term.op, &term.values)));
    }
    if !hidden.is_empty() {
        pairs.push(pair("filters", &structured(&hidden)));
    }
    if !query.sort.is_empty() {
        let terms: Vec<_> = query.sort.iter().map(sort_term).collect();
        pairs.push(pair("sortby", &terms.join(",")));
    }
    if !query.columns.is_empty() {
        pairs.push(pair("cols", &value::join_list(&query.columns)));
    }
    if !matches!(query.page_size, 0 | DEFAULT_PAGE_SIZE) {
        pairs.push(pair("per_page", &query.page_size.to_string()));
    }
    if query.page > 1 {
        pairs.push(pair("page", &query.page.to_string()));
    }
    pairs.join("&")
}

fn pair(name: &str, value: &str) -> String {
    format!("{}={}", utf8_percent_encode(name, ENCODE), utf8_percent_encode(value, ENCODE))
}

fn sort_term(term: &SortTerm) -> String {
    let dash = if term.descending { "-" } else { "" };
    format!("{dash}{}", value::quote_item(&term.column))
}

/// The JSON form, for columns whose name is a parameter of ours.
fn structured(terms: &[&FilterTerm]) -> String {
    let list = terms.iter().map(|term| {
        let value = match term.op {
            FilterOp::In | FilterOp::NotIn => serde_json::json!(term.values),
            FilterOp::IsNull | FilterOp::IsNotNull => serde_json::Value::Null,
            FilterOp::Eq
            | FilterOp::Neq
            | FilterOp::Gt
            | FilterOp::Gte
            | FilterOp::Lt
            | FilterOp::Lte
            | FilterOp::Contains
            | FilterOp::NotContains
            | FilterOp::StartsWith
            | FilterOp::EndsWith => serde_json::json!(term.values.first()),
        };
        serde_json::json!({ "column": term.column, "op": value::word_of(term.op), "value": value })
    });
    serde_json::Value::Array(list.collect()).to_string()
}
