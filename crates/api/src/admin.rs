//! What only the static admin key opens.

mod admin_key;
mod keys;
mod people;

use crate::state::ApiState;
use axum::Router;

pub(crate) fn router() -> Router<ApiState> {
    Router::new().merge(keys::router()).merge(admin_key::router()).merge(people::router())
}
