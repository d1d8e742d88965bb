//! Ids on every answer, an end to every request, and one shape for whatever goes wrong.

use super::{
    meter::{Meter, Metered},
    requests::Seen,
};
use crate::{
    admission::TOLD,
    error::{ApiError, Unanswered},
    state::ApiState,
    trail::Arrival,
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
    /// Nothing where neither requests nor uses of keys are written down.
    logs: Option<ApiState>,
    meter: Option<Meter>,
}

impl<S> Envelope<S> {
    /// With the longest a request may take, whatever other limits it has.
    pub(crate) fn new(inner: S, limit: Duration) -> Self {
        Self { inner, limit, logs: None, meter: None }
    }

    /// Also writing to the logs of requests and of uses of keys, as far as there are any.
    pub(crate) fn logging(self, state: &ApiState) -> Self {
        let gateway = state.gateway();
        let is_logged = gateway.request_log().is_some() || gateway.auth_trail().is_some();
        Self { logs: is_logged.then(|| state.clone()), ..self }
    }

    /// Where requests are counted, if they are.
    pub(crate) fn metering(self, state: &ApiState) -> Self {
        let meter = state.http().map(|http| Meter::new(http.clone(), state.gateway().clone()));
        Self { meter, ..self }
    }
}

/// Who is told of a request's end.
struct Told {
    metered: Option<Metered>,
    logs: Option<Logs>,
}

impl Told {
    fn end(self, trace: &Trace, response: &Response, error: Option<&Unanswered>) {
        if let Some(metered) = self.metered {
            metered.end(response, error, trace);
        }
        if let Some(logs) = self.logs {
            logs.end(trace, response, error);
        }
    }
}

/// What is written down of a request at its end.
struct Logs {
    state: ApiState,
    arrival: Option<Arrival>,
    seen: Option<Seen>,
}

impl Logs {
    /// With the ids it goes by from now on.
    fn begin(state: &ApiState, request: &mut Request, trace: &mut Trace) -> Self {
        let arrival = Arrival::of(request, state);
        let seen = Seen::begin(state.gateway(), request, trace.clone()).map(|(seen, through)| {
            *trace = through;
            seen
        });
        Self { state: state.clone(), arrival, seen }
    }

    fn end(self, trace: &Trace, response: &Response, error: Option<&Unanswered>) {
        if let Some(arrival) = self.arrival {
            arrival.end(trace, error.map(|Unanswered(error)| &**error), &self.state);
        }
        if let Some(seen) = self.seen {
            seen.end(self.state.gateway(), response, error);
        }
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
        let mut trace = Trace::for_request(theirs.and_then(RequestId::parse));
        let metered = self.meter.as_ref().map(|meter| meter.begin(&request));
        let logs = self.logs.as_ref().map(|state| Logs::begin(state, &mut request, &mut trace));
        request.extensions_mut().insert(trace.clone());
        let body = logs.as_ref().and_then(|logs| logs.seen.as_ref()?.body_slot());
        let told = Told { metered, logs };
        let Some(body) = body else {
            let work = tokio::time::timeout(self.limit, self.inner.call(request));
            return Box::pin(async move { Ok(finished(work, &trace, told).await) });
        };
        let mut inner = self.inner.clone();
        let work =
            tokio::time::timeout(
                self.limit,
                async move { inner.call(body.keep(request).await).await },
            );
        Box::pin(async move { Ok(finished(work, &trace, told).await) })
    }
}

/// The answer, whatever became of the work, with the ids it goes by.
async fn finished<F>(work: Timeout<F>, trace: &Trace, told: Told) -> Response
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
    told.end(trace, &response, unanswered.as_ref());
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
