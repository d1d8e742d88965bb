//! What administrators do.

mod external;
mod keys;

use crate::state::ApiState;
use axum::Router;

pub(crate) fn router() -> Router<ApiState> {
    Router::new().merge(keys::router()).merge(external::router())
}
