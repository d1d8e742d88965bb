//! Which web pages may call this server.

use crate::state::Cors;
use http::{HeaderName, Method};
use std::time::Duration;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};

/// What an answer's cross-site headers depend on.
pub(super) const VARY: &str =
    "origin, access-control-request-method, access-control-request-headers";

/// How long a browser may remember a preflight.
const REMEMBER: Duration = Duration::from_secs(600);

const METHODS: [Method; 6] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

const EXPOSED: [HeaderName; 17] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-athena-request-id"),
    HeaderName::from_static("x-trace-id"),
    HeaderName::from_static("x-correlation-id"),
    HeaderName::from_static("x-total-count"),
    HeaderName::from_static("idempotency-replayed"),
    HeaderName::from_static("server-timing"),
    HeaderName::from_static("retry-after"),
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("etag"),
    HeaderName::from_static("age"),
    HeaderName::from_static("x-athena-cache-outcome"),
    HeaderName::from_static("x-athena-cache-source"),
    HeaderName::from_static("x-athena-cached"),
];

/// Keys travel in headers, never in cookies, so no credentials are allowed across sites.
pub(super) fn layer(cors: &Cors) -> CorsLayer {
    let layer = CorsLayer::new()
        .allow_methods(METHODS)
        // A star would not cover `Authorization`.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(EXPOSED)
        .max_age(REMEMBER);
    match cors {
        Cors::Closed => CorsLayer::new(),
        Cors::Any => layer.allow_origin(Any),
        Cors::Origins(origins) => layer.allow_origin(origins.clone()),
    }
}
