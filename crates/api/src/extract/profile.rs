//! Which shape of answer a caller's library understands.

use super::text;
use crate::{error::ApiError, state::ApiState};
use axum::extract::FromRequestParts;
use bytes::Bytes;
use gateway::{Directive, Profile as Layout, RawRequest, ResponseCase};
use http::{HeaderMap, request::Parts};
use query::Operation;

/// How a successful answer is laid out and spelled. Failures have one shape for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Profile {
    layout: Layout,
    /// How the members of rows are spelled, when the caller says it.
    case: Option<ResponseCase>,
}

impl Profile {
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, ApiError> {
        Ok(Self { layout: layout(headers)?, case: case(headers)? })
    }

    pub(crate) fn raw(
        self,
        operation: Operation,
        body: Bytes,
        strip_nulls: bool,
        directive: Directive,
    ) -> RawRequest {
        let Self { layout: profile, case: response_case } = self;
        RawRequest {
            operation,
            body,
            strip_nulls,
            directive,
            profile,
            response_case,
            insert_window: None,
        }
    }
}

fn layout(headers: &HeaderMap) -> Result<Layout, ApiError> {
    match text(headers, "x-athena-response")?.map(str::trim) {
        Some(asked) if asked.eq_ignore_ascii_case("bare") => return Ok(Layout::Bare),
        Some(asked) if asked.eq_ignore_ascii_case("envelope") => return Ok(Layout::Envelope),
        Some(_) => return Err(ApiError::HeaderValue { name: "x-athena-response" }),
        None => {}
    }
    let has = |name: &str| headers.contains_key(name);
    // The old library says nothing of itself, but it always sends these two.
    let is_old = has("apikey") && has("x-strip-nulls") && !has("x-athena-sdk");
    Ok(if is_old { Layout::Bare } else { Layout::Envelope })
}

fn case(headers: &HeaderMap) -> Result<Option<ResponseCase>, ApiError> {
    const NAME: &str = "x-athena-response-case";
    let Some(asked) = text(headers, NAME)? else { return Ok(None) };
    ResponseCase::parse(asked).map(Some).ok_or(ApiError::HeaderValue { name: NAME })
}

impl FromRequestParts<ApiState> for Profile {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, ApiError> {
        Self::read(&parts.headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn profile(headers: &[(&'static str, &'static str)]) -> Result<Layout, ApiError> {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        Profile::read(&headers.collect()).map(|profile| profile.layout)
    }

    #[test]
    fn each_library_gets_the_shape_it_understands() {
        let old = [("apikey", "k"), ("x-api-key", "k"), ("x-strip-nulls", "true")];
        assert_eq!(profile(&old).unwrap(), Layout::Bare);
        let new = [
            ("x-athena-sdk", "xylex-group/athena 5.2.0"),
            ("x-athena-key", "k"),
            ("x-strip-nulls", "true"),
        ];
        assert_eq!(profile(&new).unwrap(), Layout::Envelope);
        assert_eq!(profile(&[("apikey", "k")]).unwrap(), Layout::Envelope);
        assert_eq!(profile(&[]).unwrap(), Layout::Envelope);
    }

    #[test]
    fn who_names_a_shape_gets_it_and_an_unknown_one_is_refused() {
        assert_eq!(profile(&[("x-athena-response", "Bare")]).unwrap(), Layout::Bare);
        let old = [("apikey", "k"), ("x-strip-nulls", "true"), ("x-athena-response", "envelope")];
        assert_eq!(profile(&old).unwrap(), Layout::Envelope);
        assert!(profile(&[("x-athena-response", "xml")]).is_err());
    }
}
