//! PostgreSQL's types in OpenAPI's words.

use serde_json::{Value, json};

/// None for `json` and `jsonb`, which are anything.
pub(super) fn type_of(pg_type: &str) -> Option<&'static str> {
    match pg_type {
        "json" | "jsonb" => None,
        "boolean" => Some("boolean"),
        "smallint" | "integer" | "bigint" => Some("integer"),
        "numeric" | "real" | "double precision" => Some("number"),
        array if array.ends_with("[]") => Some("array"),
        _ => Some("string"),
    }
}

pub(super) fn format_of(pg_type: &str) -> &str {
    match pg_type {
        "smallint" | "integer" => "int32",
        "bigint" => "int64",
        other => other,
    }
}

pub(super) fn element_of(pg_type: &str) -> &str {
    pg_type.strip_suffix("[]").unwrap_or(pg_type)
}

/// What the elements of an array are.
pub(super) fn items_of(pg_type: &str) -> Option<Value> {
    if type_of(pg_type) != Some("array") {
        return None;
    }
    Some(type_of(element_of(pg_type)).map_or(json!({}), |element| json!({"type": element})))
}

/// A default that is a constant; expressions are shown as text where the type is text to OpenAPI.
pub(super) fn default_of(pg_type: &str, default: &str) -> Option<Value> {
    if type_of(pg_type) != Some("string") {
        return serde_json::from_str(default).ok();
    }
    let constant = default.strip_suffix(pg_type).and_then(|rest| rest.strip_suffix("::"));
    let text = constant.map_or(default, |constant| constant.trim_matches('\''));
    serde_json::from_str(&format!("\"{text}\"")).ok()
}
