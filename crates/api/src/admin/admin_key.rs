//! `/admin/admin-key/rotate`: another admin key without a restart.

use super::keys::overlap;
use crate::{
    error::ApiError,
    extract::{Admin, RawBody},
    state::ApiState,
};
use axum::{Json, Router, extract::State, routing::post};
use gateway::{Gateway, GatewayError};
use serde_json::{Value, json};

pub(crate) fn router() -> Router<ApiState> {
    Router::new().route("/admin/admin-key/rotate", post(rotate))
}

/// The new key is shown here and nowhere else.
async fn rotate(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ApiError> {
    let overlap = overlap(&body)?;
    let made = gateway.rotate_admin_key(&admin, overlap).await.map_err(GatewayError::from)?;
    Ok(Json(json!({
        "status": "success",
        "message": "Rotated the admin key",
        "data": { "admin_key": made.admin_key, "overlap_seconds": made.overlap_seconds },
    })))
}
