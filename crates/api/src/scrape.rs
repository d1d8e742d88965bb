//! `/metrics`: everything that is counted, as Prometheus reads it.

use crate::{error::ApiError, extract::Operates, state::ApiState};
use auth::PermitError;
use axum::{
    Router,
    extract::{FromRequestParts, Request, State},
    response::{IntoResponse, Response},
    routing::get,
};
use gateway::GatewayError;
use http::header;

pub(crate) fn router() -> Router<ApiState> {
    Router::new().route("/metrics", get(page))
}

async fn page(State(state): State<ApiState>, request: Request) -> Result<Response, ApiError> {
    let http = state.http().cloned().ok_or(ApiError::NotFound)?;
    if state.gateway().demands_keys() {
        let (mut parts, _) = request.into_parts();
        let Operates(operator) = Operates::from_request_parts(&mut parts, &state).await?;
        // The page tells of every client, and a key of one client is not everybody's.
        if operator.bound_to().is_some() {
            return Err(GatewayError::from(PermitError::ClientMismatch).into());
        }
    }
    let seen = state.gateway().measure().await;
    let version = state.settings().version;
    let page = metrics::render(move |page| {
        let build = vec![("version", version.into())];
        page.gauges("build_info", "Which version this is.", [(build, 1.0)])?;
        page.flag("prometheus_metrics_enabled", "Whether there is this page.", true)?;
        seen.write(page)?;
        http.write(page)
    });
    let page = page.map_err(|_a_string_takes_everything| ApiError::Panicked)?;
    let headers =
        [(header::CONTENT_TYPE, metrics::CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, page).into_response())
}
