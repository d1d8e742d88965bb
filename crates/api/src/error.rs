//! What this surface answers when it cannot, and the one place where causes are logged.

use api_types::Problem;
use axum::response::{IntoResponse, Response};
use gateway::{GatewayError, Trace};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use std::{error::Error, sync::Arc};

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error("the header {name} is not UTF-8 text")]
    HeaderNotText { name: &'static str },
    #[error("the header {name} is not supported")]
    HeaderNotSupported { name: &'static str },
    #[error("the header {name} has a value that is not known")]
    HeaderValue { name: &'static str },
    #[error("the header {name} is missing")]
    MissingHeader { name: &'static str },
    #[error("{name} and another spelling of it have different values")]
    SeveralValues { name: &'static str },
    #[error("a body of type {sent} is not taken")]
    MediaType { sent: String },
    #[error("a body that is encoded as {encoding} is not taken")]
    Encoded { encoding: String },
    #[error("no client is connected")]
    NotReady,
    #[error("the query parameter {name} is missing")]
    MissingParameter { name: &'static str },
    #[error("the query string cannot be read: {reason}")]
    BadQuery { reason: String },
    #[error("the body is over the limit of {limit} bytes")]
    BodyTooLarge { limit: usize },
    #[error("the body could not be read to its end")]
    BodyBroken(#[source] axum::Error),
    #[error("the body is not valid JSON")]
    BadJson(#[source] serde_json::Error),
    #[error("more than {limit} requests in {window_seconds} s ({scope})")]
    OverLimit { scope: &'static str, limit: u64, window_seconds: u64, retry_after: u64 },
    #[error("nothing answers this method and path")]
    NotFound,
    #[error("the request took too long")]
    TimedOut,
    #[error("a handler panicked")]
    Panicked,
}

impl ApiError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::Gateway(error) => error.problem(),
            Self::HeaderNotText { name } => {
                Problem::new(400, "invalid_header", format!("The header {name} is not UTF-8 text"))
                    .with_detail("header", *name)
            }
            Self::HeaderNotSupported { name } => {
                let text = format!("The header {name} is not supported by this server");
                Problem::new(400, "not_supported", text)
                    .with_detail("header", *name)
                    .with_hint("Leave the header out.")
            }
            Self::HeaderValue { name } => {
                let text = format!("The header {name} has a value that is not understood");
                Problem::new(400, "invalid_header", text).with_detail("header", *name)
            }
            Self::MissingHeader { name } => {
                Problem::new(400, "missing_header", format!("The header {name} is required here"))
                    .with_detail("header", *name)
            }
            Self::SeveralValues { name } => {
                let text = "One thing is said twice, in two headers, and differently";
                Problem::new(400, "several_values", text).with_detail("header", *name)
            }
            Self::MediaType { sent } => {
                let text = "The body must be JSON; send Content-Type: application/json";
                Problem::new(415, "unsupported_media_type", text)
                    .with_detail("content_type", sent.as_str())
            }
            Self::Encoded { encoding } => {
                let text = "The body must not be encoded";
                Problem::new(415, "unsupported_encoding", text)
                    .with_detail("content_encoding", encoding.as_str())
            }
            Self::NotReady => Problem::new(503, "not_ready", "No client is connected yet"),
            Self::MissingParameter { name } => {
                Problem::new(400, "missing_parameter", format!("{name} is required"))
                    .with_detail("parameter", *name)
            }
            Self::BadQuery { reason } => Problem::new(400, "invalid_query", "Invalid query string")
                .with_detail("reason", reason.as_str()),
            Self::BodyTooLarge { limit } => {
                let text = format!("The request body is over the limit of {limit} bytes");
                Problem::new(413, "body_too_large", text).with_detail("limit_bytes", *limit)
            }
            Self::BodyBroken(_) => {
                Problem::new(400, "incomplete_body", "The request body ended before it was whole")
            }
            Self::BadJson(error) => Problem::new(400, "invalid_json", "Invalid JSON body")
                .with_detail("line", error.line())
                .with_detail("column", error.column()),
            Self::OverLimit { scope, limit, window_seconds, retry_after } => {
                Problem::new(429, "admission_limit_exceeded", "Too Many Requests")
                    .with_detail("scope", *scope)
                    .with_detail("limit", *limit)
                    .with_detail("window_seconds", *window_seconds)
                    .with_detail("retry_after_seconds", *retry_after)
                    .with_hint("Wait as long as Retry-After says, or send X-Athena-Defer: true.")
            }
            Self::NotFound => Problem::new(404, "not_found", "Not Found"),
            Self::TimedOut => {
                Problem::new(504, "request_timeout", "The request took longer than is allowed")
            }
            Self::Panicked => Problem::new(500, "internal_error", "Internal Server Error"),
        }
    }

    /// Whether a write that ended like this can be begun again without doing it twice.
    pub(crate) fn surely_changed_nothing(&self) -> bool {
        match self {
            Self::Gateway(error) => error.surely_changed_nothing(),
            Self::TimedOut | Self::Panicked => false,
            _ => true,
        }
    }

    /// The `error` member of the envelope, where it is not the message over again.
    fn error_text(&self) -> Option<String> {
        match self {
            Self::Gateway(error) => error.error_text(),
            Self::NotFound => Some("The requested resource was not found".to_owned()),
            Self::Panicked => Some("An unexpected error occurred".to_owned()),
            Self::OverLimit { .. } => {
                Some("Request rate exceeded gateway admission limit".to_owned())
            }
            Self::MissingParameter { name } => Some(format!("Missing required parameter: {name}")),
            Self::MissingHeader { name } => {
                Some(format!("{} header not found in the request", title_case(name)))
            }
            Self::HeaderNotText { .. }
            | Self::HeaderNotSupported { .. }
            | Self::HeaderValue { .. }
            | Self::SeveralValues { .. }
            | Self::MediaType { .. }
            | Self::Encoded { .. }
            | Self::NotReady
            | Self::BadQuery { .. }
            | Self::BodyTooLarge { .. }
            | Self::BodyBroken(_)
            | Self::BadJson(_)
            | Self::TimedOut => None,
        }
    }

    /// The finished answer, once the request's ids are known.
    pub(crate) fn answer(&self, trace: &Trace) -> Response {
        let problem = self.problem();
        self.log(&problem, trace);
        let status =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = envelope(&problem, self.error_text(), trace);
        let mut response = (status, axum::Json(Value::Object(body))).into_response();
        if status == StatusCode::TOO_MANY_REQUESTS
            && let Some(seconds) =
                problem.details.get("retry_after_seconds").and_then(Value::as_u64)
        {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let seconds = problem.details.get("until_secs").and_then(Value::as_u64).unwrap_or(1);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    /// Our own failures are loud, the caller's are not.
    fn log(&self, problem: &Problem, trace: &Trace) {
        let cause = cause_chain(self);
        let (code, status) = (&problem.code, problem.status);
        let (trace_id, request_id) = (&trace.trace_id, &trace.request_id);
        if status >= 500 {
            tracing::warn!(%trace_id, %request_id, status, code, cause, "request failed");
        } else {
            tracing::debug!(%trace_id, %request_id, status, code, cause, "request refused");
        }
    }
}

/// An error on its way to the envelope: the ids it needs are known further out.
#[derive(Clone)]
pub(crate) struct Unanswered(pub(crate) Arc<ApiError>);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Unanswered(Arc::new(self)));
        response
    }
}

/// The one error body of every surface: `{status, code, message, error, …}`.
fn envelope(problem: &Problem, error_text: Option<String>, trace: &Trace) -> Map<String, Value> {
    let error = error_text.unwrap_or_else(|| problem.message.clone());
    let mut body = Map::new();
    body.insert("status".to_owned(), "error".into());
    body.insert("code".to_owned(), problem.code.as_str().into());
    body.insert("message".to_owned(), problem.message.as_str().into());
    body.insert("error".to_owned(), error.into());
    body.insert("trace_id".to_owned(), trace.trace_id.as_str().into());
    body.insert("request_id".to_owned(), trace.request_id.as_str().into());
    body.insert("status_code".to_owned(), problem.status.into());
    // Where older clients look for it.
    if let Some(seconds) = problem.details.get("until_secs") {
        body.insert("until_secs".to_owned(), seconds.clone());
    }
    if !problem.details.is_empty() {
        body.insert("details".to_owned(), Value::Object(problem.details.clone()));
    }
    if let Some(hint) = &problem.hint {
        body.insert("hint".to_owned(), hint.as_str().into());
    }
    if !problem.fields.is_empty() {
        let fields = problem
            .fields
            .iter()
            .map(|field| serde_json::json!({ "field": field.field, "message": field.message }));
        body.insert("fields".to_owned(), fields.collect());
    }
    body
}

/// `x-company-id` as people write it: `X-Company-Id`.
fn title_case(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect::<Vec<_>>().join("-")
}

fn cause_chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        // Transparent wrappers repeat what they wrap.
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}
