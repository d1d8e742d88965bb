//! The members around the rows. `data` stands first, so that rows go straight into the body.

use super::{Counted, error::ResponseError, rows};
use crate::plan::{DeletePlan, InsertPlan, Plan, ReadPlan};
use crate::post;
use crate::request::Shape;
use bytes::{BufMut, BytesMut};
use serde_json::Value;

pub(super) const OPENING: &[u8] = b"{\"data\":";

pub(super) fn close(
    plan: &Plan,
    counted: &Counted,
    body: &mut BytesMut,
    request_id: &str,
) -> Result<(), ResponseError> {
    let groups = groups(plan, body)?;
    let resource_id = rows::finish(plan, body, OPENING.len())?;
    member(body, "status", "success");
    match plan {
        Plan::Read(plan) => read(plan, counted, body),
        Plan::Insert(plan) => insert(plan, counted, resource_id, body),
        Plan::Update(_) => {
            member(body, "message", format!("Updated {} rows", counted.affected));
            affected(counted, body);
        }
        Plan::Delete(plan) => delete(plan, counted, body),
    }
    if let Some(groups) = groups {
        body.put_slice(b",\"post_processing\":");
        body.put_slice(&groups);
    }
    // A read may be answered again to somebody else, so nothing of this request is in it.
    if !matches!(plan, Plan::Read(_)) {
        member(body, "request_id", request_id);
    }
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
        (Shape::Rows, rows) => member(body, "message", format!("Inserted {rows} rows")),
    }
    affected(counted, body);
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
    affected(counted, body);
}

/// Under both of the names that clients look for.
fn affected(counted: &Counted, body: &mut BytesMut) {
    member(body, "affected_rows", counted.affected);
    member(body, "count", counted.affected);
}

/// What `post_processing` holds. A change is done by now, so there a failure is told, not answered.
fn groups(plan: &Plan, body: &BytesMut) -> Result<Option<Vec<u8>>, ResponseError> {
    let Some(grouping) = plan.grouping() else { return Ok(None) };
    let rows = body.get(OPENING.len()..).unwrap_or_default();
    match (post::grouped(grouping, rows), plan) {
        (Ok(grouped), _) => Ok(Some([b"{\"grouped\":", grouped.as_slice(), b"}"].concat())),
        (Err(error), Plan::Update(_)) => {
            let text = format!("Post-processing failure: {error}");
            let told = serde_json::json!({ "grouped": [], "error": text });
            Ok(Some(told.to_string().into_bytes()))
        }
        (Err(error), _) => Err(ResponseError::Grouping(error)),
    }
}

/// One more member of the envelope.
pub(super) fn member(body: &mut BytesMut, name: &'static str, value: impl Into<Value>) {
    body.put_slice(b",\"");
    body.put_slice(name.as_bytes());
    body.put_slice(b"\":");
    body.put_slice(value.into().to_string().as_bytes());
}

#[cfg(test)]
mod tests;
