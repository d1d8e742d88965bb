//! A list's URL state as a filter tree and an order the engine understands.

use api_types::RecordKey;
use api_types::console::{FilterOp, FilterTerm, ListQuery, ResourceSpec};
use query::request::{Condition, Filter, Operator, OrderTerm};
use serde_json::Value;

/// Search, filters and nothing else; every term narrows further.
pub fn of_list(spec: &ResourceSpec, query: &ListQuery) -> Filter {
    let terms = query.filters.iter().map(|term| of_term(spec, term));
    let search = query.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let all: Vec<Filter> = terms.chain(search.map(|text| of_search(spec, text))).collect();
    if all.is_empty() { Filter::All } else { Filter::And(all) }
}

/// The one row behind a key.
pub fn of_key(spec: &ResourceSpec, key: &RecordKey) -> Option<Filter> {
    let fits = !spec.id_columns.is_empty() && spec.id_columns.len() == key.parts().len();
    let pairs = spec.id_columns.iter().zip(key.parts());
    fits.then(|| Filter::And(pairs.map(|(column, part)| eq(column, part)).collect()))
}

/// The order asked for, then the key, so that pages never overlap.
pub fn order(spec: &ResourceSpec, query: &ListQuery) -> Vec<OrderTerm> {
    let mut order: Vec<OrderTerm> = query
        .sort
        .iter()
        .map(|term| OrderTerm {
            column: term.column.clone(),
            descending: term.descending,
            // Rows without a value belong at the end, whichever way the rest runs.
            nulls_first: Some(false),
        })
        .collect();
    for id in &spec.id_columns {
        if !order.iter().any(|term| term.column == *id) {
            order.push(OrderTerm { column: id.clone(), descending: false, nulls_first: None });
        }
    }
    order
}

pub fn eq(column: &str, value: &str) -> Filter {
    condition(column, Operator::Eq, Value::from(value))
}

pub fn among(column: &str, values: Vec<String>) -> Filter {
    condition(column, Operator::In, Value::from(values))
}

/// A case-insensitive substring test.
pub fn contains(column: &str, text: &str) -> Filter {
    condition(column, Operator::Ilike, Value::from(format!("%{}%", escape_like(text))))
}

fn of_search(spec: &ResourceSpec, text: &str) -> Filter {
    Filter::Or(spec.search_by.iter().map(|column| contains(column, text)).collect())
}

fn of_term(spec: &ResourceSpec, term: &FilterTerm) -> Filter {
    let column = term.column.as_str();
    let first = term.values.first().map_or("", String::as_str);
    let nullable = spec.columns.iter().any(|known| known.name == column && known.nullable);
    // A person who asks for "not paid" means the rows without a status too.
    let or_null = |filter: Filter| {
        if nullable {
            Filter::Or(vec![filter, condition(column, Operator::IsNull, Value::Null)])
        } else {
            filter
        }
    };
    let compare = |operator| condition(column, operator, Value::from(first));
    let like = |pattern: String| condition(column, Operator::Ilike, Value::from(pattern));
    let text = escape_like(first);
    match term.op {
        FilterOp::Eq => compare(Operator::Eq),
        FilterOp::Neq => or_null(compare(Operator::Neq)),
        FilterOp::Gt => compare(Operator::Gt),
        FilterOp::Gte => compare(Operator::Gte),
        FilterOp::Lt => compare(Operator::Lt),
        FilterOp::Lte => compare(Operator::Lte),
        FilterOp::Contains => like(format!("%{text}%")),
        FilterOp::NotContains => or_null(Filter::Not(Box::new(like(format!("%{text}%"))))),
        FilterOp::StartsWith => like(format!("{text}%")),
        FilterOp::EndsWith => like(format!("%{text}")),
        FilterOp::In => among(column, term.values.clone()),
        FilterOp::NotIn => {
            or_null(condition(column, Operator::NotIn, Value::from(term.values.clone())))
        }
        FilterOp::IsNull => condition(column, Operator::IsNull, Value::Null),
        FilterOp::IsNotNull => condition(column, Operator::NotNull, Value::Null),
    }
}

fn condition(column: &str, operator: Operator, value: Value) -> Filter {
    Filter::Condition(Condition {
        path: column.to_owned(),
        column: column.to_owned(),
        operator,
        value,
    })
}

fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '%' | '_') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_wildcards_in_typed_text_are_only_text() {
        assert_eq!(escape_like(r"50%_\"), r"50\%\_\\");
    }
}
