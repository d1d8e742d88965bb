//! Functions of the database: `/gateway/rpc` and `/rpc/{function}`.

use crate::{
    answer::{Freshness, wants_lines},
    error::ApiError,
    extract::{Admitted, RawBody, StripNulls},
    members,
    state::ApiState,
};
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::{get, post},
};
use gateway::{Gateway, GatewayError, OperationError, Visitor};
use http::{HeaderMap, Uri};
use query::CallRequest;

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/gateway/rpc", post(call))
        .route("/rpc/{function}", get(call_by_address).post(call_by_name))
}

async fn call(
    State(gateway): State<Gateway>,
    Admitted(visitor): Admitted,
    StripNulls(strip_nulls): StripNulls,
    freshness: Freshness,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Response, ApiError> {
    let request = CallRequest::parse(&body, &gateway.parse_options(visitor.client()))
        .map_err(members::refused)?;
    serve(&gateway, visitor, request, strip_nulls, (&freshness, &headers)).await
}

async fn call_by_name(
    State(gateway): State<Gateway>,
    Admitted(visitor): Admitted,
    Path(function): Path<String>,
    StripNulls(strip_nulls): StripNulls,
    freshness: Freshness,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Response, ApiError> {
    let request =
        CallRequest::parse_named(&function, &body, &gateway.parse_options(visitor.client()));
    serve(
        &gateway,
        visitor,
        request.map_err(members::refused)?,
        strip_nulls,
        (&freshness, &headers),
    )
    .await
}

async fn call_by_address(
    State(gateway): State<Gateway>,
    Admitted(visitor): Admitted,
    Path(function): Path<String>,
    StripNulls(strip_nulls): StripNulls,
    freshness: Freshness,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ApiError> {
    let Query(mut pairs) = Query::<Vec<(String, String)>>::try_from_uri(&uri)
        .map_err(|rejection| ApiError::BadQuery { reason: rejection.body_text() })?;
    // It opened the door and is no argument.
    pairs.retain(|(name, _)| name != "api_key");
    let request =
        CallRequest::of_query(&function, &pairs, &gateway.parse_options(visitor.client()));
    serve(
        &gateway,
        visitor,
        request.map_err(members::refused)?,
        strip_nulls,
        (&freshness, &headers),
    )
    .await
}

async fn serve(
    gateway: &Gateway,
    visitor: Visitor,
    mut request: CallRequest,
    strip_nulls: bool,
    (freshness, headers): (&Freshness, &HeaderMap),
) -> Result<Response, ApiError> {
    if wants_lines(headers)? {
        return Err(GatewayError::from(OperationError::NotStreamed).into());
    }
    request.strip_nulls.get_or_insert(strip_nulls);
    let answer = gateway.serve_call(visitor, request, freshness.directive).await?;
    Ok(freshness.respond(answer))
}
