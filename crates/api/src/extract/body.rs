//! Bodies, read to their end or to the limit, whichever comes first.

use super::text;
use crate::{error::ApiError, state::ApiState};
use axum::{
    body::Body,
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;
use std::error::Error;

/// The body as sent.
pub(crate) struct RawBody(pub(crate) Bytes);

impl FromRequest<ApiState> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        read(&parts.headers, body, state.settings().body_limit).await.map(Self)
    }
}

/// A body of a known shape.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<ApiState> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, ApiError> {
        let RawBody(body) = RawBody::from_request(request, state).await?;
        serde_json::from_slice(&body).map(Self).map_err(ApiError::BadJson)
    }
}

/// Read a body that says it is JSON, or does not say what it is.
pub(crate) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, ApiError> {
    check_type(headers)?;
    if let Some(encoding) = text(headers, "content-encoding")?
        && !encoding.trim().eq_ignore_ascii_case("identity")
    {
        return Err(ApiError::Encoded { encoding: shown(encoding) });
    }
    read_any(body, limit).await
}

/// Read a body of whatever type.
pub(crate) async fn read_any(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    axum::body::to_bytes(body, limit).await.map_err(|error| {
        if is_over_limit(&error) {
            ApiError::BodyTooLarge { limit }
        } else {
            ApiError::BodyBroken(error)
        }
    })
}

fn check_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(sent) = text(headers, "content-type")? else { return Ok(()) };
    let essence = sent.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let essence = essence.to_ascii_lowercase();
    if essence.ends_with("+json") {
        return Ok(());
    }
    Err(ApiError::MediaType { sent: shown(&essence) })
}

/// Enough of a header to recognise it by.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

fn is_over_limit(error: &axum::Error) -> bool {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = next {
        if cause.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        next = cause.source();
    }
    false
}
