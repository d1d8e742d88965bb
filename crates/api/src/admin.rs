//! What administrators do.

mod admin_key;
mod admission;
mod client_configs;
mod clients;
mod external;
mod keys;
mod people;
mod public_routes;
mod statistics;
mod trail;

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
        .merge(client_configs::router())
        .merge(public_routes::router())
        .merge(statistics::router())
        .merge(trail::router())
}
