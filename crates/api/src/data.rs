//! The gateway's JSON operations: `/gateway/fetch`, `insert`, `update`, `delete`.

use crate::{
    answer::{DataResponse, Freshness, Lines, respond_lines},
    error::ApiError,
    extract::{Admitted, Audited, InsertWindow, Profile, RawBody, StripNulls},
    state::ApiState,
};
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{delete, post, put},
};
use gateway::{Directive, Gateway, RawRequest};
use query::Operation;

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/gateway/fetch", post(fetch))
        .route("/gateway/data", post(fetch))
        .route("/gateway/insert", put(insert).post(insert))
        .route("/gateway/update", post(update).patch(update))
        .route("/gateway/delete", delete(remove).post(remove))
}

async fn fetch(
    State(gateway): State<Gateway>,
    Admitted(visitor): Admitted,
    StripNulls(strip_nulls): StripNulls,
    profile: Profile,
    freshness: Freshness,
    Lines(lines): Lines,
    RawBody(body): RawBody,
) -> Result<Response, ApiError> {
    let raw = profile.raw(Operation::Fetch, body, strip_nulls, freshness.directive);
    if lines {
        return Ok(respond_lines(gateway.stream(visitor, raw).await?));
    }
    Ok(freshness.respond(gateway.serve(visitor, raw).await?))
}

async fn insert(
    State(gateway): State<Gateway>,
    Admitted(visitor): Admitted,
    Audited: Audited,
    StripNulls(strip_nulls): StripNulls,
    profile: Profile,
    InsertWindow(insert_window): InsertWindow,
    RawBody(body): RawBody,
) -> Result<DataResponse, ApiError> {
    let raw = profile.raw(Operation::Insert, body, strip_nulls, Directive::Bypass);
    let raw = RawRequest { insert_window, ..raw };
    Ok(DataResponse(gateway.serve(visitor, raw).await?))
}

async fn update(
    State(gateway): State<Gateway>,
    Admitted(visitor): Admitted,
    StripNulls(strip_nulls): StripNulls,
    profile: Profile,
    RawBody(body): RawBody,
) -> Result<DataResponse, ApiError> {
    let raw = profile.raw(Operation::Update, body, strip_nulls, Directive::Bypass);
    Ok(DataResponse(gateway.serve(visitor, raw).await?))
}

async fn remove(
    State(gateway): State<Gateway>,
    Admitted(visitor): Admitted,
    Audited: Audited,
    StripNulls(strip_nulls): StripNulls,
    profile: Profile,
    RawBody(body): RawBody,
) -> Result<DataResponse, ApiError> {
    let raw = profile.raw(Operation::Delete, body, strip_nulls, Directive::Bypass);
    Ok(DataResponse(gateway.serve(visitor, raw).await?))
}
