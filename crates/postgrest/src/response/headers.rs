//! Status and headers that SQL set for the answer.

use super::Response;
use crate::RestError;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};
use std::collections::HashSet;

pub(super) fn override_by(
    response: &mut Response,
    headers: Option<&str>,
    status: Option<&str>,
) -> Result<(), RestError> {
    if let Some(status) = status {
        response.status = read_status(status).ok_or(RestError::ResponseStatus)?;
    }
    let Some(headers) = headers else { return Ok(()) };
    let set = read_headers(headers).ok_or(RestError::ResponseHeaders)?;
    let names: HashSet<&HeaderName> = set.iter().map(|(name, _)| name).collect();
    for name in names {
        response.headers.remove(name);
    }
    for (name, value) in set {
        response.headers.append(name, value);
    }
    Ok(())
}

/// What follows the digits does not count.
fn read_status(text: &str) -> Option<StatusCode> {
    let end = text.find(|seen: char| !seen.is_ascii_digit()).unwrap_or(text.len());
    StatusCode::from_u16(text[..end].parse().ok()?).ok()
}

/// An array of objects, each with one header.
fn read_headers(text: &str) -> Option<Vec<(HeaderName, HeaderValue)>> {
    let objects: Vec<Map<String, Value>> = serde_json::from_str(text).ok()?;
    let headers = objects.into_iter().map(|object| {
        let mut members = object.into_iter();
        let (Some((name, Value::String(value))), None) = (members.next(), members.next()) else {
            return None;
        };
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
    });
    headers.collect()
}
