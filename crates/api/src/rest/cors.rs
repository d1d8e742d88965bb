//! Which web pages may use this surface. `OPTIONS` is a question of the surface's own, unless a
//! browser asks it before a request.

use crate::state::{ApiState, Cors};
use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

const METHODS: HeaderValue =
    HeaderValue::from_static("GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, \
     Transfer-Encoding, Range-Unit",
);
const DAY: HeaderValue = HeaderValue::from_static("86400");

pub(super) async fn cors(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let rules = &state.settings().cors;
    let mut response = across(rules, request, next).await;
    if matches!(rules, Cors::Origins(_)) {
        response.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
    }
    response
}

async fn across(rules: &Cors, request: Request, next: Next) -> Response {
    let Some(origin) = allowed(rules, request.headers()) else {
        let mut response = next.run(request).await;
        response.headers_mut().remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        return response;
    };
    let asks_before = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if request.method() == Method::OPTIONS && asks_before {
        preflight(request.headers())
    } else {
        let mut response = next.run(request).await;
        response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        response
    };
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    response
}

/// The answer's origin; nothing when this page may not read it.
fn allowed(cors: &Cors, headers: &HeaderMap) -> Option<HeaderValue> {
    match cors {
        Cors::Closed => None,
        Cors::Any => Some(HeaderValue::from_static("*")),
        Cors::Origins(origins) => {
            let origin = headers.get(header::ORIGIN)?;
            origins.contains(origin).then(|| origin.clone())
        }
    }
}

fn preflight(asked: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, DAY);
    let wanted = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
    let wanted = wanted.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = wanted.split(',').map(str::trim).filter(|name| HeaderName::try_from(*name).is_ok());
    let all: Vec<&str> = std::iter::once("Authorization").chain(named).collect();
    if let Ok(value) = HeaderValue::try_from(all.join(", ")) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, value);
    }
    response
}
