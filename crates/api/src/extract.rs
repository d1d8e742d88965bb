//! From HTTP to what the engine is asked: who calls, for which client, with which body.

mod body;
mod headers;

pub(crate) use body::{JsonBody, RawBody};
pub(crate) use headers::text;

use crate::{error::ApiError, state::ApiState};
use auth::PresentedKey;
use axum::extract::FromRequestParts;
use gateway::{Administrator, Trace, Visitor};
use http::request::Parts;

/// Refused by name, because ignoring them would change what a request means.
const UNSUPPORTED: [&str; 7] = [
    "x-jdbc-url",
    "x-athena-jdbc-url",
    "x-pg-uri",
    "x-supabase-url",
    "x-supabase-key",
    "x-athena-insert-window",
    "prefer",
];

/// Refused when switched on; switched off they ask for what we do anyway.
const UNSUPPORTED_WHEN_ON: [&str; 2] = ["x-athena-defer", "x-publish-event"];

/// A caller who was let in, for the client they named. Comes before the body.
pub(crate) struct Admitted(pub(crate) Visitor);

impl FromRequestParts<ApiState> for Admitted {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let client = text(&parts.headers, "x-athena-client")?;
        refuse_unsupported(parts)?;
        let trace = trace_of(parts);
        Ok(Self(state.gateway().admit(trace, &presented(parts), client).await?))
    }
}

/// Somebody who showed the static admin key.
pub(crate) struct Admin(pub(crate) Administrator);

impl FromRequestParts<ApiState> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        Ok(Self(state.gateway().administrator(&presented(parts))?))
    }
}

/// `X-Strip-Nulls: true`: leave null members out of the rows.
pub(crate) struct StripNulls(pub(crate) bool);

impl FromRequestParts<ApiState> for StripNulls {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, ApiError> {
        let asked = text(&parts.headers, "x-strip-nulls")?;
        Ok(Self(asked.is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))))
    }
}

fn presented(parts: &Parts) -> PresentedKey {
    PresentedKey::from_headers(&parts.headers, parts.uri.query())
}

/// The trace layer names every request before any handler sees it.
fn trace_of(parts: &Parts) -> Trace {
    parts.extensions.get::<Trace>().cloned().unwrap_or_else(|| Trace::for_request(None))
}

fn refuse_unsupported(parts: &Parts) -> Result<(), ApiError> {
    for name in UNSUPPORTED {
        if parts.headers.contains_key(name) {
            return Err(ApiError::HeaderNotSupported { name });
        }
    }
    for name in UNSUPPORTED_WHEN_ON {
        if text(&parts.headers, name)?.is_some_and(is_on) {
            return Err(ApiError::HeaderNotSupported { name });
        }
    }
    Ok(())
}

fn is_on(value: &str) -> bool {
    let value = value.trim();
    ["1", "true", "yes", "on"].iter().any(|word| value.eq_ignore_ascii_case(word))
}
