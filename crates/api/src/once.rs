//! Writes with a key: sent again, they are answered again and not done again.

use crate::{
    error::{ApiError, Unanswered},
    extract::{self, Profile, text},
    middleware::{Guard, Inner, pass},
    routes::{self, Right},
    state::ApiState,
};
use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use gateway::{GatewayError, Trace, Turn};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};

const KEYS: [&str; 2] = ["idempotency-key", "x-idempotency-key"];

/// Says that an answer is one from before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What else of a request decides how it is answered.
const TELLING: [&str; 3] = ["x-strip-nulls", "accept", "x-athena-response"];

/// Stands before everything. Reads, writes without a key, and what changes no data pass untouched.
#[derive(Clone)]
pub(crate) struct Once(pub(crate) ApiState);

impl Guard for Once {
    type Reason = Result<String, ApiError>;

    fn stops(&self, request: &Request) -> Option<Self::Reason> {
        match key_of(request.headers()) {
            Ok(key) => key
                .filter(|_| writes(request.method(), request.uri().path()))
                .map(|key| Ok(key.to_owned())),
            Err(error) => Some(Err(error)),
        }
    }

    async fn answer(self, inner: impl Inner, request: Request, key: Self::Reason) -> Response {
        let answered = match key {
            Ok(key) => keyed(self.0, request, inner, key).await,
            Err(error) => Err(error),
        };
        answered.unwrap_or_else(IntoResponse::into_response)
    }
}

pub(crate) fn key_of(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    match (text(headers, KEYS[0])?, text(headers, KEYS[1])?) {
        (Some(one), Some(other)) if one != other => Err(ApiError::SeveralValues { name: KEYS[0] }),
        (Some(key), _) | (None, Some(key)) => Ok(Some(key)),
        (None, None) => Ok(None),
    }
}

/// Reads are the same each time without a key.
pub(crate) fn writes(method: &Method, path: &str) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
        && routes::answering(path).any(|route| changes_data(route.right))
}

fn changes_data(right: Right) -> bool {
    match right {
        Right::TableWrite | Right::TableDelete | Right::Query | Right::Sql | Right::Call => true,
        Right::Transaction => true,
        Right::Open | Right::TableRead | Right::Count | Right::SchemaRead => false,
        Right::Admin | Right::Operator(_) | Right::Reader(_) | Right::Manage(_) => false,
        // Nothing is written but to the queue, and that once is as good as twice.
        Right::Deferred(_) => false,
        // That surface has its own ways.
        Right::Rest | Right::RestCall => false,
    }
}

async fn keyed(
    state: ApiState,
    request: Request,
    inner: impl Inner,
    key: String,
) -> Result<Response, ApiError> {
    let Some(once) = state.gateway().once() else {
        return Err(ApiError::HeaderNotSupported { name: KEYS[0] });
    };
    let (parts, body) = request.into_parts();
    let extract::Admitted(visitor) = extract::admit(&parts, &state).await?;
    let body = extract::read_body(&parts.headers, body, state.settings().body_limit).await?;
    let profile = format!("{:?}", Profile::read(&parts.headers)?);
    let telling = telling(&parts, &profile, &body);
    let turn = once.begin(&visitor, &key, &telling).await.map_err(GatewayError::from)?;
    let claimed = match turn {
        Turn::Again(answer) => return Ok(replay(answer)),
        Turn::Do(claimed) => claimed,
    };
    let trace = visitor.trace().clone();
    let request = Request::from_parts(parts, Body::from(body));
    // A caller who hangs up must find the answer when they come again.
    let work =
        tokio::spawn(async move { settle(claimed, pass(inner, request).await, &trace).await });
    work.await.map_err(|_panic| ApiError::Panicked)
}

pub(crate) fn telling<'a>(parts: &'a Parts, profile: &'a str, body: &'a Bytes) -> Vec<&'a [u8]> {
    let query = parts.uri.query().unwrap_or_default();
    let mut telling = vec![
        parts.method.as_str().as_bytes(),
        parts.uri.path().as_bytes(),
        query.as_bytes(),
        profile.as_bytes(),
    ];
    for name in TELLING {
        telling.push(parts.headers.get(name).map_or(&[], HeaderValue::as_bytes));
    }
    telling.push(body);
    telling
}

/// Keep the answer, or give the key back when nothing was written.
async fn settle(claimed: gateway::Claimed, mut response: Response, trace: &Trace) -> Response {
    if let Some(Unanswered(error)) = response.extensions().get::<Unanswered>() {
        if error.surely_changed_nothing() {
            claimed.release().await;
            return response;
        }
        response = error.answer(trace);
    }
    let (parts, body) = response.into_parts();
    // The answers of writes are put together in memory before they are sent.
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        // Nobody knows what became of it, so the claim stays.
        return ApiError::Panicked.into_response();
    };
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
    claimed.finish(parts.status.as_u16(), content_type, &body).await;
    Response::from_parts(parts, Body::from(body))
}

pub(crate) fn replay(answer: gateway::KeptAnswer) -> Response {
    let gateway::KeptAnswer { status, content_type, body } = answer;
    let mut response = Response::new(Body::from(body.unwrap_or_default()));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(value) = content_type.and_then(|text| HeaderValue::from_str(&text).ok()) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
