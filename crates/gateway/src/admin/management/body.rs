//! A body's members, taken out one by one.

use super::ManagementError;
use catalog::Ident;
use serde_json::{Map, Value};

pub(super) fn object(body: Value) -> Result<Map<String, Value>, ManagementError> {
    match body {
        Value::Object(body) => Ok(body),
        _ => Err(ddl::DdlError::NotAnObject.into()),
    }
}

pub(super) fn text(
    body: &mut Map<String, Value>,
    field: &'static str,
) -> Result<Option<String>, ManagementError> {
    match body.shift_remove(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
        Some(_) => Err(ManagementError::Invalid { field, expected: "a text" }),
    }
}

pub(super) fn flag(
    body: &mut Map<String, Value>,
    field: &'static str,
) -> Result<Option<bool>, ManagementError> {
    match body.shift_remove(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(flag)),
        Some(_) => Err(ManagementError::Invalid { field, expected: "true or false" }),
    }
}

pub(super) fn finish(body: Map<String, Value>) -> Result<(), ManagementError> {
    match body.into_iter().next() {
        None => Ok(()),
        Some((field, _)) => {
            Err(ManagementError::UnknownField { field: field.chars().take(60).collect() })
        }
    }
}

pub(super) fn ident(field: &'static str, text: &str) -> Result<Ident, ManagementError> {
    let expected = "a name the database can have";
    Ident::parse(text).map_err(|_no_name| ManagementError::Invalid { field, expected })
}
