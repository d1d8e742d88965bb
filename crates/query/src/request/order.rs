//! The order of rows, in each of its spellings.

use super::{OrderTerm, ParseOptions, error::RequestError, fields::Fields};
use serde_json::{Map, Value};

const FIELD: &str = "sort_by";
const EXPECTED: &str = "an object with 'field' and 'direction', or an array of those";
/// More would be a mistake or an attack.
const MAX_TERMS: usize = 32;

pub(super) fn parse(value: Value, options: &ParseOptions) -> Result<Vec<OrderTerm>, RequestError> {
    let mut terms = match value {
        Value::Object(object) => of_object(object, FIELD)?,
        Value::Array(items) => {
            let mut terms = Vec::new();
            for (at, item) in items.into_iter().enumerate() {
                let path = format!("{FIELD}[{at}]");
                let Value::Object(object) = item else { return Err(invalid(&path, EXPECTED)) };
                terms.extend(of_object(object, &path)?);
            }
            terms
        }
        _ => return Err(invalid(FIELD, EXPECTED)),
    };
    if terms.len() > MAX_TERMS {
        return Err(RequestError::TooMany { what: "sort terms", limit: MAX_TERMS });
    }
    for term in &mut terms {
        term.column = options.name(std::mem::take(&mut term.column));
    }
    Ok(terms)
}

/// `{field, direction}`, or `{column: direction, …}`.
fn of_object(object: Map<String, Value>, path: &str) -> Result<Vec<OrderTerm>, RequestError> {
    if object.contains_key("field") || object.contains_key("column") {
        return of_term(Fields::of(object, path)).map(|term| vec![term]);
    }
    if object.is_empty() {
        return Err(invalid(path, EXPECTED));
    }
    let term = |(column, value): (String, Value)| {
        let direction = value.as_str().and_then(is_descending);
        let descending =
            direction.ok_or_else(|| invalid(&format!("{path}.{column}"), "'asc' or 'desc'"))?;
        Ok(OrderTerm { column, descending, nulls_first: None })
    };
    object.into_iter().map(term).collect()
}

fn of_term(mut fields: Fields) -> Result<OrderTerm, RequestError> {
    const COLUMN: &[&str] = &["field", "column"];
    fields.refuse_unknown(&[COLUMN, &["direction", "ascending", "nulls"]])?;
    let column = fields.take_text(COLUMN)?.unwrap_or_default();
    let direction = match fields.take(&["direction"])? {
        None | Some(Value::Null) => None,
        Some(value) => {
            let known = value.as_str().and_then(is_descending);
            Some(known.ok_or_else(|| fields.invalid("direction", "'asc' or 'desc'"))?)
        }
    };
    let ascending = match fields.take(&["ascending"])? {
        None | Some(Value::Null) => None,
        Some(Value::Bool(ascending)) => Some(ascending),
        Some(_) => return Err(fields.invalid("ascending", "true or false")),
    };
    if let (Some(descending), Some(ascending)) = (direction, ascending)
        && descending == ascending
    {
        return Err(RequestError::ConflictingFields {
            first: fields.named("direction"),
            second: fields.named("ascending"),
        });
    }
    let nulls_first = match fields.take(&["nulls"])?.as_ref().map(Value::as_str) {
        None => None,
        Some(Some("first")) => Some(true),
        Some(Some("last")) => Some(false),
        Some(_) => return Err(fields.invalid("nulls", "'first' or 'last'")),
    };
    let descending = direction.or(ascending.map(|ascending| !ascending)).unwrap_or(false);
    Ok(OrderTerm { column, descending, nulls_first })
}

fn is_descending(word: &str) -> Option<bool> {
    match word.trim().to_ascii_lowercase().as_str() {
        "asc" | "ascending" => Some(false),
        "desc" | "descending" => Some(true),
        _ => None,
    }
}

fn invalid(field: &str, expected: &'static str) -> RequestError {
    RequestError::InvalidField { field: field.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(value: Value) -> Result<Vec<OrderTerm>, RequestError> {
        super::parse(value, &ParseOptions::default())
    }

    #[test]
    fn every_spelling_of_an_order_is_understood() {
        let term = |column: &str, descending, nulls_first| OrderTerm {
            column: column.to_owned(),
            descending,
            nulls_first,
        };
        for (value, expected) in [
            (json!({"field": "id"}), vec![term("id", false, None)]),
            (json!({"column": "id", "direction": "DESCENDING"}), vec![term("id", true, None)]),
            (
                json!({"field": "id", "direction": "asc", "nulls": "last"}),
                vec![term("id", false, Some(false))],
            ),
            (json!({"column": "id", "ascending": false}), vec![term("id", true, None)]),
            (json!({"a": "asc", "b": "desc"}), vec![term("a", false, None), term("b", true, None)]),
            (
                json!([{"field": "a"}, {"b": "desc"}]),
                vec![term("a", false, None), term("b", true, None)],
            ),
            (json!([]), vec![]),
        ] {
            assert_eq!(parse(value.clone()).unwrap(), expected, "{value}");
        }
    }

    #[test]
    fn an_order_that_is_none_is_refused() {
        for value in [
            json!(7),
            json!("id"),
            json!({}),
            json!([7]),
            json!({"field": 1}),
            json!({"field": "id", "direction": "up"}),
            json!({"field": "id", "direction": "asc", "ascending": false}),
            json!({"field": "id", "nulls": "middle"}),
            json!({"field": "id", "column": "name"}),
            json!({"field": "id", "collation": "C"}),
            json!({"id": 1}),
        ] {
            let refused = parse(value.clone()).unwrap_err().problem();
            assert_eq!(refused.status, 400, "{value}");
            assert!(refused.message.contains("sort_by"), "{refused:?}");
        }
    }
}
