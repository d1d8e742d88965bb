//! Bodies, read to their end or to the limit, whichever comes first.

use crate::{error::ApiError, state::ApiState};
use axum::{
    body::Body,
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use std::error::Error;

/// The body as sent. Its content type does not matter: it is always JSON.
pub(crate) struct RawBody(pub(crate) Bytes);

impl FromRequest<ApiState> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, ApiError> {
        let limit = state.settings().body_limit;
        read(request.into_body(), limit).await.map(Self)
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

async fn read(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    axum::body::to_bytes(body, limit).await.map_err(|error| {
        if is_over_limit(&error) {
            ApiError::BodyTooLarge { limit }
        } else {
            ApiError::BodyBroken(error)
        }
    })
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
