//! The schema a request is about.

use crate::RestError;
use http::{HeaderMap, Method};

/// The schema, and whether a header chose it.
pub(super) fn chosen(
    method: &Method,
    headers: &HeaderMap,
    exposed: &[String],
) -> Result<(String, bool), RestError> {
    let writes = [Method::POST, Method::PATCH, Method::PUT, Method::DELETE].contains(method);
    let header = if writes { "content-profile" } else { "accept-profile" };
    let Some(asked) = headers.get(header) else {
        let default = exposed.first().cloned().unwrap_or_else(|| "public".to_owned());
        return Ok((default, exposed.len() > 1));
    };
    let asked = String::from_utf8_lossy(asked.as_bytes());
    match exposed.iter().find(|schema| **schema == asked) {
        Some(schema) => Ok((schema.clone(), true)),
        None => Err(RestError::UnexposedSchema {
            schema: asked.into_owned(),
            exposed: exposed.to_vec(),
        }),
    }
}
