//! Ids on every answer, and the error envelope that carries them.

use crate::error::Unanswered;
use axum::{extract::Request, middleware::Next, response::Response};
use gateway::{RequestId, Trace};
use http::{HeaderMap, HeaderName, HeaderValue};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const ATHENA_REQUEST_ID: HeaderName = HeaderName::from_static("x-athena-request-id");
const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");

/// Name the request, let it run, and finish its answer.
pub(crate) async fn trace(mut request: Request, next: Next) -> Response {
    let theirs = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let trace = Trace::for_request(theirs.and_then(RequestId::parse));
    request.extensions_mut().insert(trace.clone());
    let mut response = next.run(request).await;
    if let Some(Unanswered(error)) = response.extensions_mut().remove::<Unanswered>() {
        response = error.answer(&trace);
    }
    mark(response.headers_mut(), &trace);
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
