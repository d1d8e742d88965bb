//! What only the static admin key opens.

mod admission;
mod keys;

use crate::state::ApiState;
use axum::Router;

pub(crate) fn router() -> Router<ApiState> {
    Router::new().merge(admission::router()).merge(keys::router())
}
