//! For whom something is done, as the caller says.

use super::text;
use crate::{error::ApiError, state::ApiState};
use axum::extract::FromRequestParts;
use http::{HeaderMap, request::Parts};

const LONGEST: usize = 256;

/// In the order in which they are missed.
const NAMES: [&str; 3] = ["x-company-id", "x-organization-id", "x-user-id"];

/// Checked before the body of an insert or a delete is read.
pub(crate) struct Audited;

impl FromRequestParts<ApiState> for Audited {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        check(&parts.headers, state.settings().require_audit_headers)?;
        Ok(Self)
    }
}

pub(crate) fn check(headers: &HeaderMap, are_required: bool) -> Result<(), ApiError> {
    for name in NAMES {
        match text(headers, name)? {
            Some(value) if value.len() > LONGEST => return Err(ApiError::HeaderValue { name }),
            None if are_required => return Err(ApiError::MissingHeader { name }),
            Some(_) | None => {}
        }
    }
    Ok(())
}
