//! The rows as the backend wrote them, in the shape they are answered in.

use super::error::ResponseError;
use crate::plan::{InsertPlan, OutputColumn, Plan};
use crate::request::Shape;
use bytes::{BufMut, BytesMut};
use serde_json::{Value, value::RawValue};
use std::collections::HashMap;

/// Checks the array that starts at `start`, and makes of it what the plan answers. Of a row that was
/// inserted alone, its key comes back.
pub(super) fn finish(
    plan: &Plan,
    body: &mut BytesMut,
    start: usize,
) -> Result<Option<String>, ResponseError> {
    let rows = body.get(start..).unwrap_or_default();
    if !(rows.starts_with(b"[") && rows.ends_with(b"]")) {
        return Err(ResponseError::NoRows);
    }
    if is_headless(plan) {
        body.truncate(start);
        body.put_slice(b"[]");
    }
    match plan {
        Plan::Insert(plan) if plan.returning.shape == Shape::Row => {
            let id = key_of_first(plan, body.get(start..).unwrap_or_default())?;
            unwrap_row(body, start);
            Ok(id)
        }
        Plan::Read(_) | Plan::Insert(_) | Plan::Update(_) | Plan::Delete(_) => Ok(None),
    }
}

/// The caller wants no rows, whatever the backend returned.
fn is_headless(plan: &Plan) -> bool {
    match plan {
        Plan::Read(_) => false,
        Plan::Insert(plan) => plan.returning.head,
        Plan::Update(plan) => plan.returning.head,
        Plan::Delete(plan) => plan.returning.head,
    }
}

/// The value of a key of one column, as text whatever its type.
fn key_of_first(plan: &InsertPlan, rows: &[u8]) -> Result<Option<String>, ResponseError> {
    let [key] = plan.table.primary_key.as_slice() else { return Ok(None) };
    let is_key = |output: &&OutputColumn| output.name == *key;
    let Some(answered) = plan.returning.columns.iter().find(is_key) else { return Ok(None) };
    let rows: Vec<HashMap<String, &RawValue>> =
        serde_json::from_slice(rows).map_err(ResponseError::UnreadableRow)?;
    let raw = rows.first().and_then(|row| row.get(answered.alias.as_str()));
    let Some(raw) = raw else { return Ok(None) };
    match serde_json::from_str(raw.get()).map_err(ResponseError::UnreadableRow)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Ok(Some(raw.get().to_owned())),
    }
}

/// `[{…}]` becomes `{…}`, and `[]` becomes `null`.
fn unwrap_row(body: &mut BytesMut, start: usize) {
    let end = body.len() - 1;
    if end == start + 1 {
        body.truncate(start);
        body.put_slice(b"null");
    } else {
        // A space is cheaper than moving the row.
        body[start] = b' ';
        body.truncate(end);
    }
}
