//! The doors to clients' structure.

use super::{presented, refuse_repeats, text, trace_of};
use crate::{error::ApiError, state::ApiState, trail};
use axum::extract::FromRequestParts;
use gateway::{Manager, Trace};
use http::request::Parts;
use serde_json::Map;

const LONGEST: usize = 256;

/// What callers say of whom it is for; it is written down as unproven.
const CLAIMS: [&str; 4] = ["x-user-id", "x-company-id", "x-organization-id", "user-agent"];

/// Somebody with a key, at the client they name.
pub(crate) struct Manages(pub(crate) Manager);

impl FromRequestParts<ApiState> for Manages {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let client = text(&parts.headers, "x-athena-client")?;
        let mut claimed = Map::new();
        for name in CLAIMS {
            if let Some(value) = text(&parts.headers, name)? {
                let value: String = value.chars().take(LONGEST).collect();
                claimed.insert(name.to_owned(), value.into());
            }
        }
        let (trace, key) = (trace_of(parts), presented(parts, state));
        let manager = state.gateway().manager(trace, &key, client, claimed).await;
        trail::managed(parts, state, &key, manager.as_ref());
        let manager = manager?;
        refuse_repeats(parts)?;
        Ok(Self(manager))
    }
}

/// The request's ids, for what is written down of it.
pub(crate) struct Traced(pub(crate) Trace);

impl FromRequestParts<ApiState> for Traced {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, ApiError> {
        Ok(Self(trace_of(parts)))
    }
}
