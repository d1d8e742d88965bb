//! Cross-site rules, for the requests that come from a web page; all others skip them.

use super::cors;
use crate::state::Cors;
use axum::{extract::Request, response::Response};
use futures_util::future::BoxFuture;
use http::{HeaderValue, Method, header};
use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};
use tower::{Layer, Service};
use tower_http::cors::CorsLayer;

#[derive(Clone)]
pub(crate) struct Across<S> {
    inner: S,
    rules: Arc<CorsLayer>,
}

impl<S> Across<S> {
    pub(crate) fn new(inner: S, cors: &Cors) -> Self {
        Self { inner, rules: Arc::new(cors::layer(cors)) }
    }
}

impl<S> Service<Request> for Across<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // A preflight is known by its method.
        if request.method() == Method::OPTIONS || request.headers().contains_key(header::ORIGIN) {
            return Box::pin(self.rules.layer(self.inner.clone()).call(request));
        }
        let work = self.inner.call(request);
        Box::pin(async move {
            let mut response = work.await?;
            // A browser must not give this answer to a page of another site later.
            let vary = HeaderValue::from_static(cors::VARY);
            response.headers_mut().entry(header::VARY).or_insert(vary);
            Ok(response)
        })
    }
}
