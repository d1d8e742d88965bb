//! The rows as the backend wrote them, in the shape they are answered in.

use super::error::ResponseError;
use crate::plan::{InsertPlan, OutputColumn, Plan};
use crate::request::Shape;
use bytes::{BufMut, BytesMut};
use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Value, value::RawValue};
use std::fmt;

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
    let mut rows = serde_json::Deserializer::from_slice(rows);
    let raw = (&mut rows).deserialize_seq(FirstOf(answered.alias.as_str()));
    let Some(raw) = raw.map_err(ResponseError::UnreadableRow)? else { return Ok(None) };
    match serde_json::from_str(raw.get()).map_err(ResponseError::UnreadableRow)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Ok(Some(raw.get().to_owned())),
    }
}

/// One member of the first row; all else is read and not kept.
struct FirstOf<'a>(&'a str);

impl<'de> Visitor<'de> for FirstOf<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Self::Value, A::Error> {
        let found = rows.next_element_seed(Member(self.0))?.flatten();
        while rows.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }
}

struct Member<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, row: D) -> Result<Self::Value, D::Error> {
        row.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut row: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(is_it) = row.next_key_seed(Named(self.0))? {
            if is_it {
                found = Some(row.next_value()?);
            } else {
                row.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Whether a name is this one.
struct Named<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Named<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<bool, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Named<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
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
