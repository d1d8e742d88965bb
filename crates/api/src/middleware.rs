//! What happens to every request: ids, limits, panics, and the error envelope.

mod cors;
mod trace;

pub(crate) use cors::layer as cors_layer;
pub(crate) use trace::trace;

use crate::{error::ApiError, state::ApiState};
use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::any::Any;

/// Give up on a request that outlives every other limit.
pub(crate) async fn time_limit(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    match tokio::time::timeout(state.settings().request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => ApiError::TimedOut.into_response(),
    }
}

/// The panic itself was reported by the panic hook.
pub(crate) fn panicked(_panic: Box<dyn Any + Send + 'static>) -> http::Response<Body> {
    ApiError::Panicked.into_response()
}
