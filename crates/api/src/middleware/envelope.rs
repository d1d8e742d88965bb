//! Ids on every answer, an end to every request, and one shape for whatever goes wrong.

use crate::{
    admission::TOLD,
    error::{ApiError, Unanswered},
    trail::Slot,
};
use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use futures_util::{FutureExt, future::BoxFuture};
use gateway::{RequestId, Trace};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    task::{Context, Poll},
    time::Duration,
};
use tower::Service;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const ATHENA_REQUEST_ID: HeaderName = HeaderName::from_static("x-athena-request-id");
const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");

/// One service for all three: each further one would cost every request an allocation or two.
#[derive(Clone)]
pub struct Envelope<S> {
    inner: S,
    limit: Duration,
}

impl<S> Envelope<S> {
    /// With the longest a request may take, whatever other limits it has.
    pub(crate) fn new(inner: S, limit: Duration) -> Self {
        Self { inner, limit }
    }
}

impl<S> Service<Request> for Envelope<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let theirs = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
        let trace = Trace::for_request(theirs.and_then(RequestId::parse));
        request.extensions_mut().insert(trace.clone());
        let slot = request.extensions().get::<Slot>().cloned();
        let work = tokio::time::timeout(self.limit, self.inner.call(request));
        // What a panic leaves behind is this request's alone.
        let work = AssertUnwindSafe(work).catch_unwind();
        Box::pin(async move {
            let mut response = match work.await {
                Ok(Ok(Ok(response))) => response,
                Ok(Ok(Err(never))) => match never {},
                Ok(Err(_elapsed)) => ApiError::TimedOut.into_response(),
                // The panic itself was reported by the panic hook.
                Err(_panic) => ApiError::Panicked.into_response(),
            };
            if let Some(Unanswered(error)) = response.extensions_mut().remove::<Unanswered>() {
                let mut said = std::mem::take(response.headers_mut());
                if let Some(slot) = slot {
                    slot.failed(&error);
                }
                response = error.answer(&trace);
                // What was said at the door holds for failures as well; all else is of a body that
                // is gone.
                for name in TOLD {
                    if let Some(value) = said.remove(&name) {
                        response.headers_mut().insert(name, value);
                    }
                }
            }
            mark(response.headers_mut(), &trace);
            Ok(response)
        })
    }
}

fn mark(headers: &mut HeaderMap, trace: &Trace) {
    // Both ids are made of header-safe characters only.
    if let Ok(id) = HeaderValue::from_str(trace.request_id.as_str()) {
        headers.insert(REQUEST_ID, id.clone());
        headers.insert(ATHENA_REQUEST_ID, id);
    }
    if let Ok(id) = HeaderValue::from_str(trace.trace_id.as_str()) {
        headers.insert(TRACE_ID, id);
    }
}
