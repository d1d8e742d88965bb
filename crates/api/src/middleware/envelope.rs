//! Ids on every answer, an end to every request, and one shape for whatever goes wrong.

use super::{meter::Meter, requests::Seen};
use crate::{
    admission::TOLD,
    error::{ApiError, Unanswered},
    state::ApiState,
    trail::Slot,
};
use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use futures_util::{FutureExt, future::BoxFuture};
use gateway::{Gateway, RequestId, Trace};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::Timeout;
use tower::Service;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const ATHENA_REQUEST_ID: HeaderName = HeaderName::from_static("x-athena-request-id");
const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");

/// One service for all three: each further one would cost every request an allocation or two.
#[derive(Clone)]
pub(crate) struct Envelope<S> {
    inner: S,
    limit: Duration,
    gateway: Option<Gateway>,
    meter: Option<Meter>,
}

impl<S> Envelope<S> {
    /// With the longest a request may take, whatever other limits it has.
    pub(crate) fn new(inner: S, limit: Duration) -> Self {
        Self { inner, limit, gateway: None, meter: None }
    }

    /// With the gateway whose log of requests they are written to, if it has one.
    pub(crate) fn logging(self, gateway: &Gateway) -> Self {
        let gateway = gateway.request_log().map(|_| gateway.clone());
        Self { gateway, ..self }
    }

    /// Where requests are counted, if they are.
    pub(crate) fn metering(self, state: &ApiState) -> Self {
        let meter = state.http().map(|http| Meter::new(http.clone(), state.gateway().clone()));
        Self { meter, ..self }
    }
}

impl<S> Service<Request> for Envelope<S>
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

    fn call(&mut self, mut request: Request) -> Self::Future {
        let theirs = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
        let trace = Trace::for_request(theirs.and_then(RequestId::parse));
        let key = request.extensions().get::<Slot>().cloned();
        let metered = self.meter.as_ref().map(|meter| meter.begin(&request));
        let told = move |response: &Response, error: Option<&Unanswered>, trace: &Trace| {
            if let Some(metered) = metered {
                metered.end(response, error, trace);
            }
            if let (Some(key), Some(Unanswered(error))) = (key, error) {
                key.failed(error);
            }
        };
        let begun = self.gateway.as_ref().and_then(|gateway| {
            let (seen, trace) = Seen::begin(gateway, &request, trace.clone())?;
            Some((gateway.clone(), seen, trace))
        });
        let Some((gateway, seen, trace)) = begun else {
            request.extensions_mut().insert(trace.clone());
            let work = tokio::time::timeout(self.limit, self.inner.call(request));
            return Box::pin(async move { Ok(finished(work, &trace, told).await) });
        };
        request.extensions_mut().insert(trace.clone());
        let body = seen.body_slot();
        let end = move |response: &Response, error: Option<&Unanswered>, trace: &Trace| {
            told(response, error, trace);
            seen.end(&gateway, response, error);
        };
        let Some(body) = body else {
            let work = tokio::time::timeout(self.limit, self.inner.call(request));
            return Box::pin(async move { Ok(finished(work, &trace, end).await) });
        };
        let mut inner = self.inner.clone();
        let work =
            tokio::time::timeout(
                self.limit,
                async move { inner.call(body.keep(request).await).await },
            );
        Box::pin(async move { Ok(finished(work, &trace, end).await) })
    }
}

/// The answer, whatever became of the work, with the ids it goes by.
async fn finished<F>(
    work: Timeout<F>,
    trace: &Trace,
    told: impl FnOnce(&Response, Option<&Unanswered>, &Trace),
) -> Response
where
    F: Future<Output = Result<Response, Infallible>>,
{
    // What a panic leaves behind is this request's alone.
    let mut response = match AssertUnwindSafe(work).catch_unwind().await {
        Ok(Ok(Ok(response))) => response,
        Ok(Ok(Err(never))) => match never {},
        Ok(Err(_elapsed)) => ApiError::TimedOut.into_response(),
        // The panic itself was reported by the panic hook.
        Err(_panic) => ApiError::Panicked.into_response(),
    };
    let unanswered = response.extensions_mut().remove::<Unanswered>();
    if let Some(Unanswered(error)) = &unanswered {
        let mut said = std::mem::take(response.headers_mut());
        response = error.answer(trace);
        // What was said at the door holds for failures as well; all else is of a body that is gone.
        for name in TOLD {
            if let Some(value) = said.remove(&name) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    told(&response, unanswered.as_ref(), trace);
    mark(response.headers_mut(), trace);
    response
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
