//! Query strings: what a plain form may send beside them, and their one canonical spelling.
//!
//! A form without scripts cannot build `amount=>= 10`; it sends the parts under names that start
//! with `~`, and [`canonical`] joins them into the address that is then redirected to.

use super::encode;
use api_types::console::{FilterOp, FilterTerm, ListQuery};
use percent_encoding::percent_decode_str;

pub const COLUMN: &str = "~column";
pub const OP: &str = "~op";
pub const VALUE: &str = "~value";
pub const SHOW: &str = "~show";
/// How a failed plain form comes back; never part of a list's state.
const RETURNED: [&str; 2] = ["__path", "__err"];

/// The query of a list, as it stands in an address.
pub fn of_list(query: &ListQuery) -> String {
    query.to_url().trim_start_matches('?').to_owned()
}

/// The pairs that a GET form must carry along as hidden fields, without those it sets itself.
pub fn hidden_pairs(query: &ListQuery, set_by_form: &[&str]) -> Vec<(String, String)> {
    let all = pairs(&of_list(query)).into_iter();
    all.filter(|(key, _)| key != "page" && !set_by_form.contains(&key.as_str())).collect()
}

/// The address's own spelling when a form sent `~` fields or empty ones; `None` when it is fine.
pub fn canonical(query: &str) -> Option<String> {
    let all = pairs(query);
    let odd = |(key, value): &(String, String)| {
        // A submit button without a name arrives as a pair without a key.
        key.is_empty() || key.starts_with('~') || (key == "q" && value.is_empty())
    };
    if !all.iter().any(odd) {
        return None;
    }
    let sent = |name: &str| {
        all.iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
            .collect::<Vec<_>>()
    };
    let mut kept: Vec<String> = all
        .iter()
        .filter(|pair| !odd(pair))
        .map(|(key, value)| format!("{}={}", encode(key), encode(value)))
        .collect();
    if let (Some(column), Some(op)) = (sent(COLUMN).pop(), sent(OP).pop().and_then(|op| op_of(&op)))
    {
        let typed = sent(VALUE).pop().unwrap_or_default();
        let term = FilterTerm { column, op, values: values(op, &typed) };
        kept.push(of_list(&ListQuery { filters: vec![term], ..ListQuery::default() }));
    }
    let shown = sent(SHOW);
    if !shown.is_empty() {
        kept.push(of_list(&ListQuery { columns: shown, ..ListQuery::default() }));
    }
    kept.retain(|pair| !pair.is_empty());
    Some(kept.join("&"))
}

/// A list's own part of an address's query.
pub fn without_returned(query: &str) -> String {
    let kept = pairs(query).into_iter().filter(|(key, _)| !RETURNED.contains(&key.as_str()));
    let kept: Vec<String> =
        kept.map(|(key, value)| format!("{}={}", encode(&key), encode(&value))).collect();
    kept.join("&")
}

/// The decoded pairs of a query string, in order.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    let parts = query.trim_start_matches('?').split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(key), decode(value))
        })
        .collect()
}

/// The word that stands for an operator in a form.
pub fn op_word(op: FilterOp) -> &'static str {
    match op {
        FilterOp::Eq => "eq",
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

pub const ALL_OPS: [FilterOp; 14] = [
    FilterOp::Eq,
    FilterOp::Neq,
    FilterOp::Gt,
    FilterOp::Gte,
    FilterOp::Lt,
    FilterOp::Lte,
    FilterOp::Contains,
    FilterOp::NotContains,
    FilterOp::StartsWith,
    FilterOp::EndsWith,
    FilterOp::In,
    FilterOp::NotIn,
    FilterOp::IsNull,
    FilterOp::IsNotNull,
];

fn op_of(word: &str) -> Option<FilterOp> {
    ALL_OPS.into_iter().find(|op| op_word(*op) == word)
}

fn values(op: FilterOp, typed: &str) -> Vec<String> {
    match op {
        FilterOp::IsNull | FilterOp::IsNotNull => Vec::new(),
        FilterOp::In | FilterOp::NotIn => {
            typed.split(',').map(|value| value.trim().to_owned()).collect()
        }
        FilterOp::Eq
        | FilterOp::Neq
        | FilterOp::Gt
        | FilterOp::Gte
        | FilterOp::Lt
        | FilterOp::Lte
        | FilterOp::Contains
        | FilterOp::NotContains
        | FilterOp::StartsWith
        | FilterOp::EndsWith => vec![typed.to_owned()],
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_a_form_made_gets_its_own_spelling() {
        let made = canonical("sortby=due&~column=amount&~op=gte&~value=10").unwrap();
        assert!(made.starts_with("sortby=due&amount="), "{made}");
        assert!(!made.contains('~') && made.contains("10"), "{made}");
        let two = canonical("%7Eshow=a&%7Eshow=b").unwrap();
        assert_eq!(pairs(&two), vec![("cols".to_owned(), "a,b".to_owned())]);
    }

    #[test]
    fn an_address_in_its_own_spelling_is_left_alone() {
        for fine in ["", "status=paid&page=2", "q=a+b"] {
            assert_eq!(canonical(fine), None, "{fine}");
        }
        assert_eq!(canonical("q=&status=paid").as_deref(), Some("status=paid"));
        assert_eq!(canonical("=&status=paid").as_deref(), Some("status=paid"));
    }

    #[test]
    fn a_returned_form_error_is_no_filter() {
        assert_eq!(without_returned("status=paid&__path=x&__err=y"), "status=paid");
    }
}
