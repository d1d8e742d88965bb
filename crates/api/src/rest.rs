//! The PostgREST surface: `/rest/v1/{relation}`, `/rest/v1/rpc/{function}` and its description.

mod cors;
mod legacy;

use crate::{admission, error::ApiError, extract, state::ApiState, trail};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use gateway::{RestAddress, RestAnswer, RestRefusal, RestRequest, RestTarget, RestVisitor, Trace};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use percent_encoding::percent_decode_str;
use serde_json::json;

/// Where the surface begins, wherever it is mounted.
const BASE: &str = "/rest/v1";

/// Ignored they would change what a request means.
const UNSUPPORTED: [&str; 6] = [
    "x-jdbc-url",
    "x-athena-jdbc-url",
    "x-pg-uri",
    "idempotency-key",
    "x-idempotency-key",
    "x-athena-insert-window",
];

/// What an answer depends on besides its address.
const VARY: HeaderValue = HeaderValue::from_static("Accept, Prefer, Range");

/// Keys, clients and schemas are named in headers that a cache for many knows nothing of.
const PRIVATE: HeaderValue = HeaderValue::from_static("private");

/// Whether an address belongs to this surface, under any of its mounts.
pub(crate) fn is_below(path: &str) -> bool {
    crate::mounts::of(BASE).iter().any(|mount| {
        let rest = path.strip_prefix(mount).and_then(|path| path.strip_prefix(BASE));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Finished as the other routes are, but for the cross-site rules, which are PostgREST's.
pub(crate) fn router(state: &ApiState) -> Router<ApiState> {
    Router::new()
        .fallback(answer)
        .layer(axum::middleware::from_fn_with_state(state.clone(), admission::rest))
        .layer(axum::middleware::from_fn_with_state(state.clone(), cors::cors))
}

async fn answer(State(state): State<ApiState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut answer = match admitted(&state, &parts).await {
        Ok(visitor) => served(&state, visitor, &parts, body).await,
        Err(refusal) => refusal.answer(),
    };
    if answer.code.as_deref() == Some("missing_right")
        && let Some(slot) = parts.extensions.get::<trail::Slot>()
    {
        slot.denied(None);
    }
    answer.headers.entry(header::VARY).or_insert(VARY);
    answer.headers.entry(header::CACHE_CONTROL).or_insert(PRIVATE);
    respond(answer)
}

async fn admitted(state: &ApiState, parts: &Parts) -> Result<RestVisitor, RestRefusal> {
    let trace = parts.extensions.get::<Trace>().cloned();
    let trace = trace.unwrap_or_else(|| Trace::for_request(None));
    let (gateway, query) = (state.gateway(), parts.uri.query());
    let visitor = gateway.admit_rest(trace, &parts.headers, query).await;
    let key = gateway.presented(&parts.headers, query);
    match &visitor {
        Ok(visitor) => trail::admitted(parts, state, &key, Ok(visitor.visitor())),
        Err(RestRefusal::Gateway(error)) => trail::admitted(parts, state, &key, Err(error)),
        Err(_of_the_token) => {}
    }
    visitor
}

async fn served(state: &ApiState, visitor: RestVisitor, parts: &Parts, body: Body) -> RestAnswer {
    let Some((base_path, target)) = target(parts.uri.path()) else { return no_such_path() };
    if let Some(name) = UNSUPPORTED.into_iter().find(|name| parts.headers.contains_key(*name)) {
        return problem(&ApiError::HeaderNotSupported { name });
    }
    if extract::is_deferred(&parts.headers) {
        return problem(&ApiError::HeaderNotSupported { name: "x-athena-defer" });
    }
    // As on the surface beside this one: whoever inserts or deletes says for whom.
    let is_audited = matches!(target, RestTarget::Relation(_))
        && [Method::POST, Method::PUT, Method::DELETE].contains(&parts.method);
    let required = state.settings().require_audit_headers;
    if is_audited && let Err(error) = extract::check_audit(&parts.headers, required) {
        return problem(&error);
    }
    let body = match read(body, state.settings().body_limit).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let request = RestRequest {
        method: parts.method.clone(),
        target,
        query: without_key(parts.uri.query().unwrap_or_default()),
        headers: parts.headers.clone(),
        body,
    };
    let address = address(state, parts, base_path);
    if visitor.speaks_postgrest() || wants_postgrest(&parts.headers) {
        return state.gateway().serve_rest(visitor, request, &address).await;
    }
    legacy::answer(state.gateway(), visitor, request, &address).await
}

/// One request may speak PostgREST's contract where its client answers in the older way.
fn wants_postgrest(headers: &HeaderMap) -> bool {
    let says = |name: &str, word: &str| {
        let said = headers.get(name).and_then(|value| value.to_str().ok());
        said.is_some_and(|said| said.to_ascii_lowercase().contains(word))
    };
    says("x-athena-rest-mode", "postgrest") || says("accept", "application/vnd.pgrst.")
}

/// What is asked for, and where the surface begins in this address.
fn target(path: &str) -> Option<(String, RestTarget)> {
    let at = path.find(BASE)? + BASE.len();
    let (base, rest) = path.split_at(at);
    let decoded = |part: &str| percent_decode_str(part).decode_utf8().ok().map(String::from);
    let mut parts = rest.split('/').skip(1);
    let target = match (parts.next(), parts.next(), parts.next()) {
        (None | Some(""), None, None) => RestTarget::Root,
        (Some("rpc"), Some(function), None) if !function.is_empty() => {
            RestTarget::Routine(decoded(function)?)
        }
        (Some(relation), None | Some(""), None) => RestTarget::Relation(decoded(relation)?),
        _ => return None,
    };
    Some((base.to_owned(), target))
}

/// It opened the door and is no filter.
fn without_key(query: &str) -> String {
    let kept = query.split('&').filter(|pair| !pair.starts_with("api_key="));
    kept.collect::<Vec<_>>().join("&")
}

fn address(state: &ApiState, parts: &Parts, base_path: String) -> RestAddress {
    let said = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = said("x-forwarded-proto").filter(|scheme| *scheme == "https").unwrap_or("http");
    let host = said("x-forwarded-host").or_else(|| said("host")).unwrap_or("localhost");
    RestAddress {
        version: state.settings().version,
        scheme: scheme.to_owned(),
        host: host.to_owned(),
        base_path,
    }
}

async fn read(body: Body, limit: usize) -> Result<Bytes, RestAnswer> {
    extract::read_any_body(body, limit).await.map_err(|error| problem(&error))
}

/// The same as an answer.
pub(crate) fn refuse(error: &ApiError) -> Response {
    respond(problem(error))
}

/// An error of HTTP in the shape of this surface.
fn problem(error: &ApiError) -> RestAnswer {
    let problem = error.problem();
    let body = json!({
        "code": problem.code, "message": problem.message, "details": null, "hint": problem.hint,
    });
    json_answer(problem.status, problem.code, &body)
}

fn no_such_path() -> RestAnswer {
    let body = json!({
        "code": "PGRST125", "message": "Invalid path specified in request URL",
        "details": null, "hint": null,
    });
    json_answer(404, "PGRST125".to_owned(), &body)
}

fn json_answer(status: u16, code: String, body: &serde_json::Value) -> RestAnswer {
    let mut headers = HeaderMap::new();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, json);
    if let Ok(status) = HeaderValue::try_from(format!("PostgREST; error={code}")) {
        headers.insert("proxy-status", status);
    }
    RestAnswer { status, headers, body: Bytes::from(body.to_string()), code: Some(code) }
}

fn respond(answer: RestAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // Bytes would bring a content type of their own.
    (status, answer.headers, Body::from(answer.body)).into_response()
}
