//! From the engine's answer to HTTP's, and what a caller says about answers they already have.

use crate::{error::ApiError, extract::text, state::ApiState};
use axum::{
    body::Body,
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use gateway::{Directive, Streamed};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use query::{ApiResponse, response::Headers};
use std::borrow::Cow;

/// What the caller says about kept answers: ours, and their own.
#[derive(Debug, Clone)]
pub(crate) struct Freshness {
    pub(crate) directive: Directive,
    /// `If-None-Match`: the answers they have.
    known: Option<String>,
}

impl FromRequestParts<ApiState> for Freshness {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, ApiError> {
        Self::of(&parts.headers)
    }
}

impl Freshness {
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let asked = text(headers, "cache-control")?;
        let is_bypassed = asked.is_some_and(|asked| {
            let mut words = asked.split(',').map(str::trim);
            words.any(|word| word.eq_ignore_ascii_case("no-cache"))
        });
        let directive = if is_bypassed { Directive::Bypass } else { Directive::Use };
        let known = text(headers, "if-none-match")?.map(str::to_owned);
        Ok(Self { directive, known })
    }

    /// The answer, or 304 when they have it already.
    pub(crate) fn respond(&self, answer: ApiResponse) -> Response {
        let mut response = respond(answer);
        let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok());
        if etag.is_some_and(|etag| self.knows(etag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = Body::empty();
            response.headers_mut().remove(header::CONTENT_TYPE);
        }
        response
    }

    fn knows(&self, etag: &str) -> bool {
        let known = self.known.as_deref().unwrap_or_default().split(',').map(str::trim);
        known.map(|one| one.strip_prefix("W/").unwrap_or(one)).any(|one| one == etag || one == "*")
    }
}

/// An answer as it is.
pub(crate) fn respond(answer: ApiResponse) -> Response {
    let ApiResponse { status, headers, body } = answer;
    finish(status, headers, Body::from(body))
}

pub(crate) fn finish(status: u16, headers: Headers, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // Room for those that are added on the way out; a map that grows is hashed anew each time.
    *response.headers_mut() = HeaderMap::with_capacity(24);
    for (name, value) in headers {
        let value = match value {
            Cow::Borrowed(word) => Ok(HeaderValue::from_static(word)),
            Cow::Owned(text) => HeaderValue::from_maybe_shared(Bytes::from(text)),
        };
        if let Ok(value) = value {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// A write's answer.
pub(crate) struct DataResponse(pub(crate) ApiResponse);

impl IntoResponse for DataResponse {
    fn into_response(self) -> Response {
        respond(self.0)
    }
}

/// Whether rows are to be sent as they come, one a line.
pub(crate) struct Lines(pub(crate) bool);

impl FromRequestParts<ApiState> for Lines {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, ApiError> {
        wants_lines(&parts.headers).map(Self)
    }
}

pub(crate) fn wants_lines(headers: &HeaderMap) -> Result<bool, ApiError> {
    let accepted = text(headers, "accept")?.unwrap_or_default().split(',');
    let mut kinds = accepted.map(|kind| kind.split(';').next().unwrap_or_default().trim());
    Ok(kinds.any(|kind| kind.eq_ignore_ascii_case("application/x-ndjson")))
}

/// Rows as they come. When they break off, so does the connection.
pub(crate) fn respond_lines(rows: Streamed) -> Response {
    finish(200, rows.headers, Body::from_stream(rows.lines))
}
