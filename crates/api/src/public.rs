//! `/public/{route_key}/{op}`: what is open to everybody. A key may have slashes in it.

use crate::{
    answer::{DataResponse, Freshness},
    error::ApiError,
    extract::{Profile, RawBody, TARGETS, refuse_unsupported, strip_nulls, trace_of},
    state::ApiState,
};
use axum::{
    Router,
    extract::{FromRequest, Path, Request, State},
    response::{IntoResponse, Response},
    routing::post,
};
use gateway::{Directive, GatewayError, PublicOp, RouteError};
use http::request::Parts;
use query::Operation;

pub(crate) fn router() -> Router<ApiState> {
    Router::new().route("/public/{*route}", post(serve))
}

async fn serve(
    State(state): State<ApiState>,
    Path(target): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let (key, op) = target.rsplit_once('/').unwrap_or(("", &target));
    let op = PublicOp::parse(op).ok_or(GatewayError::Route(RouteError::InvalidOp))?;
    let (parts, body) = request.into_parts();
    refuse(&parts)?;
    let visit = state.gateway().visit_route(trace_of(&parts), key, op).await?;
    let freshness = Freshness::of(&parts.headers)?;
    let profile = Profile::read(&parts.headers)?;
    let strip_nulls = strip_nulls(&parts.headers)?;
    let RawBody(body) = RawBody::from_request(Request::from_parts(parts, body), &state).await?;
    let gateway = state.gateway();
    let Some(operation) = op.operation() else {
        let raw = visit.sql(&body, freshness.directive)?;
        return Ok(freshness.respond(gateway.serve_sql(visit.visitor, raw).await?));
    };
    let body = visit.body(&body)?;
    let is_read = operation == Operation::Fetch;
    let directive = if is_read { freshness.directive } else { Directive::Bypass };
    let raw = profile.raw(operation, body, strip_nulls, directive);
    let answer = gateway.serve(visit.visitor, raw).await?;
    Ok(if is_read { freshness.respond(answer) } else { DataResponse(answer).into_response() })
}

/// What would have this request done elsewhere, later or only once is not ignored. The client's
/// header is: libraries always send it, and the route says which client it is.
fn refuse(parts: &Parts) -> Result<(), ApiError> {
    refuse_unsupported(parts)?;
    let once = ["idempotency-key", "x-idempotency-key"];
    for name in TARGETS.into_iter().chain(once) {
        if parts.headers.contains_key(name) {
            return Err(ApiError::HeaderNotSupported { name });
        }
    }
    Ok(())
}
