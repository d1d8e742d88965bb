//! One router: the gateway's surface, the console's pages, and its files.

use crate::{
    assets::{self, Site},
    starting::prefers_html,
};
use api::{Proxies, Surface};
use app::{
    App, Assets,
    port::{Door, Peer},
    shell,
};
use axum::{
    Router,
    extract::{ConnectInfo, Request},
    middleware::{Next, from_fn},
    response::{IntoResponse, Redirect, Response},
    routing::future::RouteFuture,
};
use futures_util::future::Either;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use leptos::prelude::{LeptosOptions, provide_context};
use leptos_axum::{LeptosRoutes, generate_route_list};
use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
};
use tower::Service;
use tower_http::compression::CompressionLayer;

/// Everything behind the listener: the console's paths, and the gateway for all others.
#[derive(Clone)]
pub struct Front {
    gateway: Surface,
    console: Router,
}

/// Where the console's pages, its functions and its files are.
fn is_console(path: &str) -> bool {
    match path.strip_prefix("/console") {
        Some(rest) => rest.is_empty() || rest.starts_with('/'),
        None => path.starts_with("/pkg/") || path == "/favicon.ico",
    }
}

pub fn join(gateway: Surface, door: Arc<dyn Door>, site: Site, proxies: Arc<Proxies>) -> Front {
    let pages = match assets::manifest(&site) {
        Some(assets) => console(door, assets, proxies),
        None => {
            tracing::warn!("this build holds no console; only the gateway answers");
            Router::new()
        }
    };
    Front { gateway, console: pages.merge(assets::router(site)) }
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<RouteFuture<Infallible>, <Surface as Service<Request>>::Future>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if is_console(request.uri().path()) {
            return Either::Left(self.console.call(request));
        }
        Either::Right(self.gateway.call(request))
    }
}

/// The pages and their server functions.
fn console(door: Arc<dyn Door>, assets: Assets, proxies: Arc<Proxies>) -> Router {
    let options = LeptosOptions::builder().output_name("athena").build();
    let context = move || {
        provide_context(Arc::clone(&door));
        provide_context(assets.clone());
        if let Some(peer) = peer(&proxies) {
            provide_context(peer);
        }
    };
    let page = || {
        let assets = leptos::prelude::expect_context::<Assets>();
        shell(assets)
    };
    let pages = generate_route_list(App);
    Router::new()
        .leptos_routes_with_context(&options, pages, context, page)
        .with_state(options)
        .layer(CompressionLayer::new())
        .layer(from_fn(protect))
}

/// The address a request came from, as far as it can be believed.
fn peer(proxies: &Proxies) -> Option<Peer> {
    let parts = leptos::prelude::use_context::<http::request::Parts>()?;
    let ConnectInfo(address) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    let remote = proxies.remote(Some(address.ip()), &parts.headers)?;
    Some(Peer(remote.to_string()))
}

/// A person who opens the bare address wants the console, a program wants JSON.
pub fn welcome(request: &Request) -> Option<Response> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read || request.uri().path() != "/" || !prefers_html(request.headers()) {
        return None;
    }
    let mut response = Redirect::temporary("/console").into_response();
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    Some(response)
}

/// Refuse posts from other sites, and tell browsers to be strict.
async fn protect(request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read && !is_own_origin(request.headers()) {
        let text = "This request came from another site and was refused.";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    let mut response = next.run(request).await;
    let out = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        // A page sets its own policy, with the nonce of its scripts.
        out.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

fn is_own_origin(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(&HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    match text(&header::ORIGIN) {
        // Browsers name the origin of every cross-site post; a client without one is no browser.
        None => !headers.contains_key(header::ORIGIN),
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(&header::HOST)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, routing::post};
    use tower::ServiceExt;

    async fn answer(headers: &[(&str, &str)]) -> Response {
        let router =
            Router::new().route("/console/fn/x", post(async || "done")).layer(from_fn(protect));
        let mut request = Request::post("/console/fn/x");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_post_from_another_site_does_not_reach_a_server_function() {
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("origin", "https://evil.example"), ("host", "localhost:4052")],
            &[("origin", "null"), ("host", "localhost:4052")],
        ] {
            assert_eq!(answer(headers).await.status(), StatusCode::FORBIDDEN, "{headers:?}");
        }
    }

    #[tokio::test]
    async fn a_post_from_this_site_passes_with_strict_headers() {
        let response =
            answer(&[("origin", "http://localhost:4052"), ("host", "localhost:4052")]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::X_FRAME_OPTIONS], "DENY");
        assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }
}
