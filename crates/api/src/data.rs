//! The gateway's JSON operations: `/gateway/fetch`, `insert`, `update`, `delete`.

use crate::{
    error::ApiError,
    extract::{Admitted, RawBody, StripNulls},
    state::ApiState,
};
use axum::{
    Router,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
    routing::{delete, post, put},
};
use gateway::{Gateway, RawRequest};
use http::{HeaderName, HeaderValue, StatusCode};
use query::{ApiResponse, Operation};

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/gateway/fetch", post(fetch))
        .route("/gateway/data", post(fetch))
        .route("/gateway/insert", put(insert))
        .route("/gateway/update", post(update))
        .route("/gateway/delete", delete(remove))
}

async fn fetch(
    State(gateway): State<Gateway>,
    Admitted(visitor): Admitted,
    StripNulls(strip_nulls): StripNulls,
    RawBody(body): RawBody,
) -> Result<DataResponse, ApiError> {
    let raw = RawRequest { operation: Operation::Fetch, body, strip_nulls };
    Ok(DataResponse(gateway.serve(visitor, raw).await?))
}

async fn insert(
    State(gateway): State<Gateway>,
    Admitted(visitor): Admitted,
    RawBody(body): RawBody,
) -> Result<DataResponse, ApiError> {
    write(gateway, visitor, Operation::Insert, body).await
}

async fn update(
    State(gateway): State<Gateway>,
    Admitted(visitor): Admitted,
    RawBody(body): RawBody,
) -> Result<DataResponse, ApiError> {
    write(gateway, visitor, Operation::Update, body).await
}

async fn remove(
    State(gateway): State<Gateway>,
    Admitted(visitor): Admitted,
    RawBody(body): RawBody,
) -> Result<DataResponse, ApiError> {
    write(gateway, visitor, Operation::Delete, body).await
}

async fn write(
    gateway: Gateway,
    visitor: gateway::Visitor,
    operation: Operation,
    body: bytes::Bytes,
) -> Result<DataResponse, ApiError> {
    let raw = RawRequest { operation, body, strip_nulls: false };
    Ok(DataResponse(gateway.serve(visitor, raw).await?))
}

struct DataResponse(ApiResponse);

impl IntoResponse for DataResponse {
    fn into_response(self) -> Response {
        let ApiResponse { status, headers, body } = self.0;
        let mut response = Response::new(Body::from(body));
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
