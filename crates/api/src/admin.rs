//! What administrators do.

mod clients;
mod external;
mod keys;

use crate::state::ApiState;
use axum::Router;

pub(crate) fn router() -> Router<ApiState> {
    Router::new().merge(keys::router()).merge(clients::router()).merge(external::router())
}
