//! `/admin/api-keys`.

use crate::state::ApiState;
use axum::Router;

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
}
