//! Administrators' doors, each with the right that opens it.

use super::{presented, refuse_repeats};
use crate::{error::ApiError, routes, state::ApiState};
use axum::extract::FromRequestParts;
use gateway::Operator;
use http::request::Parts;

/// No key can be given it, so only those who may do everything pass.
const NO_RIGHT: &str = "admin.unlisted";

/// Somebody who showed the admin key, or a key with the right that the route is listed with.
///
/// The right stands in one place, `ROUTES`: a path that is missing there lets nobody in.
pub(crate) struct Operates(pub(crate) Operator);

impl FromRequestParts<ApiState> for Operates {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let right = routes::operators_right(parts).unwrap_or(NO_RIGHT);
        let operator = state.gateway().operator(&presented(parts), right).await?;
        refuse_repeats(parts)?;
        Ok(Self(operator))
    }
}
