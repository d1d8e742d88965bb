//! Administrators' doors, each with the right that opens it.

use super::{presented, refuse_repeats};
use crate::{error::ApiError, routes, state::ApiState, trail};
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
        let right = routes::named_right(parts).unwrap_or(NO_RIGHT);
        let key = presented(parts, state);
        let operator = state.gateway().operator(&key, right).await;
        trail::operated(parts, state, &key, operator.as_ref().map(Some));
        let operator = operator?;
        refuse_repeats(parts)?;
        Ok(Self(operator))
    }
}

/// The same where keys are demanded, and anybody where they are not.
pub(crate) struct Reads;

impl FromRequestParts<ApiState> for Reads {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        if !state.gateway().demands_keys() {
            return Ok(Self);
        }
        Operates::from_request_parts(parts, state).await.map(|_operator| Self)
    }
}
