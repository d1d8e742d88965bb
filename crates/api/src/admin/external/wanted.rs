//! What a draft or an import asks for; no body asks for what there is.

use crate::{error::ApiError, extract::RawBody, state::ApiState};
use axum::extract::{FromRequest, Request};
use gateway::{
    GatewayError,
    admin::external::{DraftInput, ExternalError},
};
use serde_json::{Map, Value};

/// The members that mean something.
const MEMBERS: [&str; 8] =
    ["name", "remoteSchema", "include", "exclude", "rename", "primaryKey", "types", "writable"];

pub(super) struct Wanted(pub(super) DraftInput);

impl FromRequest<ApiState> for Wanted {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, ApiError> {
        let RawBody(body) = RawBody::from_request(request, state).await?;
        if body.is_empty() {
            return Ok(Self(DraftInput::default()));
        }
        let members: Map<String, Value> =
            serde_json::from_slice(&body).map_err(ApiError::BadJson)?;
        let mut unknown = members.keys().filter(|member| !MEMBERS.contains(&member.as_str()));
        if let Some(field) = unknown.next() {
            let field = field.chars().take(80).collect();
            return Err(GatewayError::from(ExternalError::UnknownField { field }).into());
        }
        for (field, value) in &members {
            let alone: Map<String, Value> = [(field.clone(), value.clone())].into_iter().collect();
            if serde_json::from_value::<DraftInput>(alone.into()).is_err() {
                let field = field.clone();
                return Err(GatewayError::from(ExternalError::BadField { field }).into());
            }
        }
        serde_json::from_value(members.into()).map(Self).map_err(ApiError::BadJson)
    }
}
