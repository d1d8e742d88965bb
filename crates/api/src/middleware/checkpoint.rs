//! A place that some requests are stopped at, and that all others pass as if it were not there.

use axum::{extract::Request, response::Response};
use futures_util::future::{BoxFuture, Either};
use std::{
    convert::Infallible,
    task::{Context, Poll},
};
use tower::{Service, ServiceExt};

/// What stands behind such a place.
pub(crate) trait Inner:
    Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> Inner for S where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// Who stops requests, and answers those that were stopped.
pub(crate) trait Guard: Clone + Send + 'static {
    /// What was found out by looking at the request.
    type Reason: Send + 'static;

    /// Nothing when it may pass. Asked of every request, so it waits for nothing.
    fn stops(&self, request: &Request) -> Option<Self::Reason>;

    fn answer(
        self,
        inner: impl Inner,
        request: Request,
        reason: Self::Reason,
    ) -> impl Future<Output = Response> + Send;
}

#[derive(Clone)]
pub(crate) struct Checkpoint<S, G> {
    inner: S,
    guard: G,
}

impl<S, G> Checkpoint<S, G> {
    pub(crate) fn new(inner: S, guard: G) -> Self {
        Self { inner, guard }
    }
}

impl<S: Inner, G: Guard> Service<Request> for Checkpoint<S, G> {
    type Response = Response;
    type Error = Infallible;
    /// Only who is stopped pays for a box.
    type Future = Either<S::Future, BoxFuture<'static, Result<Response, Infallible>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Some(reason) = self.guard.stops(&request) else {
            return Either::Left(self.inner.call(request));
        };
        let work = self.guard.clone().answer(self.inner.clone(), request, reason);
        Either::Right(Box::pin(async move { Ok(work.await) }))
    }
}

/// What is behind the place answers after all.
pub(crate) async fn pass(inner: impl Inner, request: Request) -> Response {
    match inner.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
