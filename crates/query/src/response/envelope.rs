//! The members around the rows. `data` stands first, so that rows go straight into the body.

use super::{Counted, error::ResponseError};
use crate::plan::{DeletePlan, InsertPlan, Plan, ReadPlan};
use crate::request::Shape;
use bytes::{BufMut, BytesMut};
use catalog::Ident;
use serde_json::{Value, value::RawValue};
use std::collections::HashMap;

pub(super) const OPENING: &[u8] = b"{\"data\":";

pub(super) fn close(
    plan: &Plan,
    counted: &Counted,
    body: &mut BytesMut,
    request_id: &str,
) -> Result<(), ResponseError> {
    let rows = body.get(OPENING.len()..).unwrap_or_default();
    if !(rows.starts_with(b"[") && rows.ends_with(b"]")) {
        return Err(ResponseError::NoRows);
    }
    let resource_id = match plan {
        Plan::Insert(plan) if plan.returning.shape == Shape::Row => {
            let id = key_of_first(&plan.table.primary_key, rows)?;
            unwrap_row(body);
            id
        }
        Plan::Read(_) | Plan::Insert(_) | Plan::Update(_) | Plan::Delete(_) => None,
    };
    member(body, "status", "success");
    match plan {
        Plan::Read(plan) => read(plan, counted, body),
        Plan::Insert(plan) => insert(plan, counted, resource_id, body),
        Plan::Update(_) => {
            member(body, "message", format!("Updated {} rows", counted.affected));
            member(body, "count", counted.affected);
            member(body, "affected_rows", counted.affected);
        }
        Plan::Delete(plan) => delete(plan, counted, body),
    }
    member(body, "request_id", request_id);
    body.put_u8(b'}');
    Ok(())
}

fn read(plan: &ReadPlan, counted: &Counted, body: &mut BytesMut) {
    member(body, "message", format!("Fetched {} rows", counted.returned));
    if let Some(count) = counted.count {
        member(body, "count", count);
    }
    if plan.limit_clamped {
        let meta = serde_json::json!({ "limit_clamped": true, "limit": plan.window.limit });
        member(body, "meta", meta);
    }
}

fn insert(plan: &InsertPlan, counted: &Counted, resource_id: Option<String>, body: &mut BytesMut) {
    member(body, "success", true);
    match (plan.returning.shape, counted.affected) {
        (_, 0) => member(body, "message", "Nothing was inserted: the row exists already"),
        (Shape::Row, _) => member(body, "message", "Data inserted successfully"),
        (Shape::Rows, rows) => {
            member(body, "message", format!("Inserted {rows} rows"));
            member(body, "affected_rows", rows);
        }
    }
    if let Some(id) = resource_id {
        member(body, "resource_id", id);
    }
    member(body, "table_name", plan.table.name.name.as_str());
}

fn delete(plan: &DeletePlan, counted: &Counted, body: &mut BytesMut) {
    member(body, "success", true);
    member(body, "message", "Data deleted successfully");
    member(body, "table_name", plan.table.name.name.as_str());
    if let Some(id) = &plan.resource_id {
        member(body, "resource_id", id.as_str());
    }
    member(body, "deleted_count", counted.affected);
    member(body, "affected_rows", counted.affected);
}

/// One more member of the envelope.
fn member(body: &mut BytesMut, name: &'static str, value: impl Into<Value>) {
    body.put_slice(b",\"");
    body.put_slice(name.as_bytes());
    body.put_slice(b"\":");
    body.put_slice(value.into().to_string().as_bytes());
}

/// The value of a key of one column, as text whatever its type.
fn key_of_first(key: &[Ident], rows: &[u8]) -> Result<Option<String>, ResponseError> {
    let [key] = key else { return Ok(None) };
    let rows: Vec<HashMap<String, &RawValue>> =
        serde_json::from_slice(rows).map_err(ResponseError::UnreadableRow)?;
    let Some(raw) = rows.first().and_then(|row| row.get(key.as_str())) else { return Ok(None) };
    match serde_json::from_str(raw.get()).map_err(ResponseError::UnreadableRow)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Ok(Some(raw.get().to_owned())),
    }
}

/// `[{…}]` becomes `{…}`, and `[]` becomes `null`.
fn unwrap_row(body: &mut BytesMut) {
    let end = body.len() - 1;
    if end == OPENING.len() + 1 {
        body.truncate(OPENING.len());
        body.put_slice(b"null");
    } else {
        // A space is cheaper than moving the row.
        body[OPENING.len()] = b' ';
        body.truncate(end);
    }
}

#[cfg(test)]
mod tests;
