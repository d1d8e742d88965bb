//! From HTTP to what the engine is asked: who calls, for which client, with which body.

mod asked;
mod audit;
mod body;
mod headers;
mod insert_window;
mod manage;
mod operate;
mod profile;

pub(crate) use asked::Asked;
pub(crate) use audit::{Audited, check as check_audit};
pub(crate) use body::{JsonBody, RawBody, read as read_body, read_any as read_any_body};
pub(crate) use headers::text;
pub(crate) use insert_window::InsertWindow;
pub(crate) use manage::{Manages, Traced};
pub(crate) use operate::{Operates, Reads};
pub(crate) use profile::Profile;

use crate::{error::ApiError, proxies, state::ApiState, trail};
use auth::PresentedKey;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use gateway::{Administrator, Recognised, Trace, Visitor};
use http::{HeaderMap, Method, Uri, request::Parts};
use std::net::IpAddr;

/// Refused by name, because ignoring them would change what a request means.
const UNSUPPORTED: [&str; 3] = ["x-supabase-url", "x-supabase-key", "prefer"];

/// Three spellings of a database that the caller names.
pub(crate) const TARGETS: [&str; 3] = ["x-jdbc-url", "x-athena-jdbc-url", "x-pg-uri"];

/// What libraries call the backend they think they talk to. It decides nothing.
const BACKENDS: [&str; 4] = ["athena", "postgrest", "postgresql", "scylladb"];

/// Refused when switched on; switched off they ask for what we do anyway.
const UNSUPPORTED_WHEN_ON: [&str; 2] = ["x-athena-defer", "x-publish-event"];

/// A caller who was let in, for the client they named. Comes before the body.
pub(crate) struct Admitted(pub(crate) Visitor);

impl FromRequestParts<ApiState> for Admitted {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        admit(parts, state).await
    }
}

/// Let a caller in: for the database they name, where that is allowed, else for their client.
pub(crate) async fn admit(parts: &Parts, state: &ApiState) -> Result<Admitted, ApiError> {
    let client = text(&parts.headers, "x-athena-client")?;
    refuse_unsupported(parts)?;
    check_backend(parts)?;
    let (gateway, trace, key) = (state.gateway(), trace_of(parts), presented(parts, state));
    let visitor = match target(parts)? {
        None => {
            let recognised = parts.extensions.get::<Recognised>();
            gateway.admit_recognised(trace, &key, client, recognised).await
        }
        Some((name, _)) if !gateway.takes_targets() => {
            return Err(ApiError::HeaderNotSupported { name });
        }
        Some((_, url)) => gateway.admit_to_target(trace, &key, url.trim()).await,
    };
    trail::admitted(parts, state, &key, visitor.as_ref());
    Ok(Admitted(visitor?))
}

/// The database that the caller names, and in which spelling of the header.
fn target(parts: &Parts) -> Result<Option<(&'static str, &str)>, ApiError> {
    let mut found: Option<(&'static str, &str)> = None;
    for name in TARGETS {
        let Some(url) = text(&parts.headers, name)? else { continue };
        match found {
            Some((_, other)) if other != url => return Err(ApiError::SeveralValues { name }),
            _ => found = Some((name, url)),
        }
    }
    Ok(found)
}

fn check_backend(parts: &Parts) -> Result<(), ApiError> {
    let name = "x-backend-type";
    match text(&parts.headers, name)? {
        Some(asked) if !BACKENDS.iter().any(|known| known.eq_ignore_ascii_case(asked.trim())) => {
            Err(ApiError::HeaderValue { name })
        }
        Some(_) | None => Ok(()),
    }
}

/// Somebody who showed the static admin key.
pub(crate) struct Admin(pub(crate) Administrator);

impl FromRequestParts<ApiState> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let key = presented(parts, state);
        let admin = state.gateway().administrator(&key);
        trail::operated(parts, state, &key, admin.as_ref().map(|_admin| None));
        let admin = admin?;
        refuse_repeats(parts)?;
        Ok(Self(admin))
    }
}

/// An answer that shows a new key must not be kept anywhere.
fn refuse_repeats(parts: &Parts) -> Result<(), ApiError> {
    for name in ["idempotency-key", "x-idempotency-key"] {
        if parts.method != Method::GET && parts.headers.contains_key(name) {
            return Err(ApiError::HeaderNotSupported { name });
        }
    }
    Ok(())
}

/// An administrator sees more of a page that everybody may see.
impl OptionalFromRequestParts<ApiState> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ApiState,
    ) -> Result<Option<Self>, ApiError> {
        Ok(state.gateway().administrator(&presented(parts, state)).ok().map(Self))
    }
}

/// `X-Strip-Nulls: true`: leave null members out of the rows.
pub(crate) struct StripNulls(pub(crate) bool);

impl FromRequestParts<ApiState> for StripNulls {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, ApiError> {
        strip_nulls(&parts.headers).map(Self)
    }
}

pub(crate) fn strip_nulls(headers: &HeaderMap) -> Result<bool, ApiError> {
    // The newer library means true when it says nothing.
    let unsaid = headers.contains_key("x-athena-sdk");
    Ok(headers::switch(headers, "x-strip-nulls")?.unwrap_or(unsaid))
}

/// Whether the sender wants it done later. What cannot be read is refused where headers are.
pub(crate) fn is_deferred(headers: &HeaderMap) -> bool {
    matches!(headers::switch(headers, "x-athena-defer"), Ok(Some(true)))
}

/// Whoever shows the admin key.
pub(crate) fn administrator(parts: &Parts, state: &ApiState) -> Option<Admin> {
    state.gateway().administrator(&presented(parts, state)).ok().map(Admin)
}

pub(crate) fn presented_in(headers: &HeaderMap, uri: &Uri) -> PresentedKey {
    PresentedKey::from_headers(headers, uri.query())
}

fn presented(parts: &Parts, state: &ApiState) -> PresentedKey {
    let key = state.gateway().presented(&parts.headers, parts.uri.query());
    key.sent_by(remote(parts, state))
}

fn remote(parts: &Parts, state: &ApiState) -> Option<IpAddr> {
    let peer = proxies::peer(&parts.extensions);
    state.settings().trusted_proxies.remote(peer, &parts.headers)
}

/// The trace layer names every request before any handler sees it.
pub(crate) fn trace_of(parts: &Parts) -> Trace {
    parts.extensions.get::<Trace>().cloned().unwrap_or_else(|| Trace::for_request(None))
}

pub(crate) fn refuse_unsupported(parts: &Parts) -> Result<(), ApiError> {
    for name in UNSUPPORTED {
        if parts.headers.contains_key(name) {
            return Err(ApiError::HeaderNotSupported { name });
        }
    }
    insert_window::refuse_elsewhere(parts)?;
    for name in UNSUPPORTED_WHEN_ON {
        if headers::switch(&parts.headers, name)? == Some(true) {
            return Err(ApiError::HeaderNotSupported { name });
        }
    }
    Ok(())
}
