//! The body.

use super::{
    Action, Call, Mutation, Query, csv,
    media::MediaType,
    members::{self, Members},
    urlencoded,
};
use crate::RestError;
use bytes::Bytes;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// An object or an array of objects.
    Json(Bytes),
    /// Arguments of a form.
    Form(Vec<(String, String)>),
    /// The one argument of a routine.
    Raw(Bytes),
}

type Given = (Option<Payload>, BTreeSet<String>);

/// The body, and the names of what it gives.
pub(super) fn read(
    body: &Bytes,
    content_type: &MediaType,
    query: &Query,
    action: &Action,
) -> Result<Given, RestError> {
    let is_call = match action {
        Action::Write { mutation: Mutation::Delete, .. } => return Ok((None, BTreeSet::new())),
        Action::Write { .. } => false,
        Action::Call { call: Call::Post, .. } => true,
        _ => return Ok((None, BTreeSet::new())),
    };
    let columns = match action {
        Action::Write { mutation: Mutation::Upsert, .. } => None,
        _ => query.columns.as_ref(),
    };
    let given = match (content_type, is_call) {
        (MediaType::Json | MediaType::Any, _) => return json(body, columns, is_call),
        (MediaType::Csv, _) => return of_csv(body),
        (MediaType::UrlEncoded, true) => {
            let form = form(body)?;
            let names = form.iter().map(|(name, _)| name.clone()).collect();
            (Some(Payload::Form(form)), names)
        }
        (MediaType::UrlEncoded, false) => {
            let members = form(body)?.into_iter().map(|(key, value)| (key, Value::String(value)));
            let object: Map<String, Value> = members.collect();
            let names = object.keys().cloned().collect();
            (Some(Payload::Json(Bytes::from(Value::Object(object).to_string()))), names)
        }
        (MediaType::Text | MediaType::Xml | MediaType::Bytes, true) => {
            (Some(Payload::Raw(body.clone())), BTreeSet::new())
        }
        (other, _) => {
            return Err(refused(format!("Content-Type not acceptable: {}", other.name())));
        }
    };
    Ok(given)
}

fn refused(message: impl Into<String>) -> RestError {
    RestError::Body { message: message.into() }
}

fn json(
    body: &Bytes,
    columns: Option<&BTreeSet<String>>,
    is_call: bool,
) -> Result<Given, RestError> {
    // The columns are known, so that the database alone reads the body.
    if let Some(columns) = columns {
        return Ok((Some(Payload::Json(body.clone())), columns.clone()));
    }
    if body.is_empty() && is_call {
        return Ok((Some(Payload::Json(Bytes::from_static(b"{}"))), BTreeSet::new()));
    }
    match members::of(body).ok_or_else(|| refused("Empty or invalid json"))? {
        Members::Object(names) | Members::Rows(names) => {
            Ok((Some(Payload::Json(body.clone())), names))
        }
        Members::Mixed => Err(refused("All object keys must match")),
        Members::Other => Ok((Some(Payload::Json(Bytes::from_static(b"[]"))), BTreeSet::new())),
    }
}

fn of_csv(body: &Bytes) -> Result<Given, RestError> {
    let text = std::str::from_utf8(body).map_err(|_| refused("the body is not UTF-8"))?;
    let rows = csv::objects(text).map_err(refused)?;
    let names = rows.first().map(|row| row.keys().cloned().collect()).unwrap_or_default();
    let array = Value::Array(rows.into_iter().map(Value::Object).collect());
    Ok((Some(Payload::Json(Bytes::from(array.to_string()))), names))
}

fn form(body: &Bytes) -> Result<Vec<(String, String)>, RestError> {
    let text = std::str::from_utf8(body).map_err(|_| refused("the body is not UTF-8"))?;
    let pairs = urlencoded::pairs(text).into_iter();
    Ok(pairs.map(|(key, value)| (key, value.unwrap_or_default())).collect())
}
