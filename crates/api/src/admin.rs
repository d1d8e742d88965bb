//! What administrators do.

mod admin_key;
mod admission;
mod clients;
mod external;
mod keys;
mod people;

use crate::state::ApiState;
use axum::Router;

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .merge(admin_key::router())
        .merge(admission::router())
        .merge(clients::router())
        .merge(external::router())
        .merge(keys::router())
        .merge(people::router())
}
