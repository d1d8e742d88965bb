//! What administrators do.

mod admission;
mod clients;
mod external;
mod keys;

use crate::state::ApiState;
use axum::Router;

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .merge(admission::router())
        .merge(clients::router())
        .merge(external::router())
        .merge(keys::router())
}
