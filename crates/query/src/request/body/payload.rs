//! The rows and values that a change writes.

use super::{COLUMNS, UPDATE_BODY, names};
use crate::request::{
    ConflictAction, OnConflict, ParseOptions, Shape, error::RequestError, fields::Fields,
};
use serde_json::{Map, Value};

const ROWS: &str = "insert_body";
const ON_CONFLICT: &[&str] = &["on_conflict"];

pub(super) fn rows(
    body: Value,
    options: &ParseOptions,
) -> Result<(Vec<Map<String, Value>>, Shape), RequestError> {
    let (rows, shape) = match body {
        Value::Object(row) => (vec![named(row, options, ROWS)?], Shape::Row),
        Value::Array(items) => {
            if items.len() > options.max_rows {
                return Err(RequestError::TooMany { what: "rows", limit: options.max_rows });
            }
            let row = |(at, item)| {
                let path = format!("{ROWS}[{at}]");
                named(object(item, || path.clone())?, options, &path)
            };
            let rows = items.into_iter().enumerate().map(row).collect::<Result<Vec<_>, _>>()?;
            (rows, Shape::Rows)
        }
        _ => return Err(payload_error(ROWS.to_owned(), "an object or an array of objects")),
    };
    if rows.is_empty() {
        return Err(payload_error(ROWS.to_owned(), "an array of at least one row"));
    }
    if rows.iter().all(Map::is_empty) {
        return Err(RequestError::NoColumns);
    }
    Ok((rows, shape))
}

pub(super) fn default_to_null(rows: &mut [Map<String, Value>]) {
    let names: std::collections::BTreeSet<String> =
        rows.iter().flat_map(|row| row.keys().cloned()).collect();
    for row in rows {
        for name in &names {
            row.entry(name).or_insert(Value::Null);
        }
    }
}

pub(super) fn on_conflict(
    fields: &mut Fields,
    options: &ParseOptions,
) -> Result<Option<OnConflict>, RequestError> {
    let target = match fields.take(ON_CONFLICT)? {
        None => None,
        Some(value) => {
            let names = names(value).ok_or_else(|| {
                fields.invalid(ON_CONFLICT[0], "a column's name, or an array of them")
            })?;
            Some(names.into_iter().map(|name| options.name(name)).collect())
        }
    };
    let action = match fields.take(UPDATE_BODY)? {
        Some(body) => {
            let set = object(body, || UPDATE_BODY[0].to_owned())?;
            let set = named(set, options, UPDATE_BODY[0])?;
            if set.is_empty() { ConflictAction::Keep } else { ConflictAction::Set(set) }
        }
        None if target.is_some() => ConflictAction::Replace,
        None => return Ok(None),
    };
    Ok(Some(OnConflict { columns: target.unwrap_or_default(), action }))
}

/// What to write: of `columns`, `data`, `set` and `update_body` the first that is there.
pub(super) fn payload(
    fields: &mut Fields,
    options: &ParseOptions,
) -> Result<Map<String, Value>, RequestError> {
    const TEXT: &str = "update payload required: provide 'columns' (array of objects with column names and values), or 'data' / 'set' object";
    let (data, set, body) =
        (fields.take(&["data"])?, fields.take(&["set"])?, fields.take(UPDATE_BODY)?);
    let payload = match payload_columns(fields)? {
        Some(merged) => merged,
        None => match data.or(set).or(body) {
            Some(value) => object(value, || "the update payload".to_owned())?,
            None => Map::new(),
        },
    };
    if payload.is_empty() {
        return Err(RequestError::MissingField { field: "data", text: TEXT });
    }
    named(payload, options, "the update payload")
}

/// The row with its columns' names as they are meant; two spellings of one name contradict.
fn named(
    row: Map<String, Value>,
    options: &ParseOptions,
    path: &str,
) -> Result<Map<String, Value>, RequestError> {
    if !options.snake_case {
        return Ok(row);
    }
    let mut named = Map::with_capacity(row.len());
    for (typed, value) in row {
        let name = options.name(typed);
        if named.contains_key(&name) {
            return Err(payload_error(format!("{path}.{name}"), "named in one spelling only"));
        }
        named.insert(name, value);
    }
    Ok(named)
}

/// `columns` as an array of objects is a payload; as names it says which columns to answer.
fn payload_columns(fields: &mut Fields) -> Result<Option<Map<String, Value>>, RequestError> {
    let Some(value) = fields.peek(COLUMNS[0]) else { return Ok(None) };
    let is_payload = value.as_array().and_then(|items| items.first()).is_some_and(Value::is_object);
    if !is_payload {
        return Ok(None);
    }
    let mut merged = Map::new();
    if let Some(Value::Array(items)) = fields.take(&[COLUMNS[0]])? {
        for (at, item) in items.into_iter().enumerate() {
            merged.extend(object(item, || format!("columns[{at}]"))?);
        }
    }
    Ok(Some(merged))
}

fn object(value: Value, path: impl FnOnce() -> String) -> Result<Map<String, Value>, RequestError> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(payload_error(path(), "an object")),
    }
}

fn payload_error(path: String, expected: &'static str) -> RequestError {
    RequestError::InvalidPayload { path, expected }
}
