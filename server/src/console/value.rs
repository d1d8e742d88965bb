//! What a person typed, and what a column's default is, as values the engine checks.

use api_types::console::{ColumnSpec, DataType, FieldType};
use serde_json::Value;

/// Typed text as the JSON value the engine checks against the column's type.
pub(super) fn to_value(column: &ColumnSpec, text: String) -> Result<Value, String> {
    let array = column.sql_type.ends_with(']');
    match (column.field_type, column.data_type) {
        (FieldType::List, _) | (_, DataType::Json) if array => Ok(list_value(&text)),
        (FieldType::Json, _) | (_, DataType::Json) => {
            serde_json::from_str(&text).map_err(|error| {
                format!("this is not JSON: line {}, column {}", error.line(), error.column())
            })
        }
        _ => Ok(Value::String(text)),
    }
}

/// A JSON array as it stands, otherwise a comma list.
fn list_value(text: &str) -> Value {
    match serde_json::from_str::<Value>(text) {
        Ok(value @ Value::Array(_)) => value,
        Ok(_) | Err(_) => text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(Value::from)
            .collect::<Vec<_>>()
            .into(),
    }
}

/// The column's default, when it is a value and no expression: only the database can work out those.
pub(super) fn default_value(column: &ColumnSpec) -> Result<Value, String> {
    let Some(default) = column.default.as_deref() else {
        return if column.nullable {
            Ok(Value::Null)
        } else {
            Err("this field has no default".to_owned())
        };
    };
    match literal(default) {
        Some(text) => to_value(column, text),
        None => Err("its default is worked out by the database when a row is made".to_owned()),
    }
}

/// `'draft'::invoice_status`, `0`, `-1.50`, `true`: the text inside.
fn literal(default: &str) -> Option<String> {
    let default = default.trim();
    if let Some(quoted) = default.strip_prefix('\'') {
        let end = quoted.replace("''", "\u{0}\u{0}").find('\'')?;
        let rest = &quoted[end + 1..];
        let in_a_cast = |c: char| c.is_alphanumeric() || " _.\":[](),".contains(c);
        let is_cast = rest.is_empty() || (rest.starts_with("::") && rest.chars().all(in_a_cast));
        return is_cast.then(|| quoted[..end].replace("''", "'"));
    }
    let is_number = default.parse::<f64>().is_ok_and(f64::is_finite);
    (is_number || matches!(default, "true" | "false")).then(|| default.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_default_that_is_a_value_is_one() {
        for (default, value) in [
            ("0", Some("0")),
            ("-1.50", Some("-1.50")),
            ("true", Some("true")),
            ("'draft'::invoice_status", Some("draft")),
            ("'it''s'::text", Some("it's")),
            ("''::text", Some("")),
            ("'x'::character varying(3)", Some("x")),
            ("'EUR'", Some("EUR")),
            ("now()", None),
            ("nextval('a_seq'::regclass)", None),
            ("CURRENT_DATE", None),
            ("'a' || 'b'", None),
            ("'a'::text || f(1)", None),
            ("('now'::text)::date", None),
        ] {
            assert_eq!(literal(default).as_deref(), value, "{default}");
        }
    }
}
