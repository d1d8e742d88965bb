//! The door before everything that asks for data: who is let in now, later, or not.

use crate::{
    defer,
    error::ApiError,
    extract::is_deferred,
    middleware::{Guard, Inner, pass},
    rest,
    routes::{self, Right, Route},
    state::ApiState,
};
use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use gateway::{Arrival, Overflow, Reason, Weighed};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};
use std::net::{IpAddr, SocketAddr};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What an answer says of the caller's budget.
pub(crate) const TOLD: [HeaderName; 5] = [LIMIT, REMAINING, RESET, POLICY, header::RETRY_AFTER];

/// What asks for data begins so, whatever it is mounted below.
const DATA: [&str; 7] =
    ["/gateway/", "/data", "/rest/", "/rpc/", "/query/", "/pipelines", "/public/"];

/// Stands before the routes. Nothing is done for what asks for no data, and next to nothing while
/// nobody counts and nothing is put off.
#[derive(Clone)]
pub(crate) struct Admit(pub(crate) ApiState);

impl Guard for Admit {
    type Reason = &'static Route;

    fn stops(&self, request: &Request) -> Option<Self::Reason> {
        let Self(state) = self;
        let asks_later = is_deferred(request.headers()) && state.gateway().deferred().is_some();
        if !asks_later && !state.gateway().counts_requests() {
            return None;
        }
        data_route(request.method(), request.uri().path())
    }

    async fn answer(self, inner: impl Inner, request: Request, route: Self::Reason) -> Response {
        decided(self.0, inner, request, route).await
    }
}

/// The same for the surface that answers in PostgREST's words, where nothing is put off.
pub(crate) async fn rest(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    if !state.gateway().counts_requests() || *request.method() == Method::OPTIONS {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let weighed = weigh(&state, &parts, true).await;
    let Some(weighed) = weighed else { return next.run(Request::from_parts(parts, body)).await };
    let mut response = if weighed.is_admitted() {
        next.run(Request::from_parts(parts, body)).await
    } else {
        let overflow = overflow(&parts, "/rest/v1/{relation}", false);
        state.gateway().overflowed(&weighed, overflow);
        rest::refuse(&refusal(&weighed))
    };
    tell(&weighed, response.headers_mut());
    response
}

async fn decided(
    state: ApiState,
    inner: impl Inner,
    request: Request,
    route: &'static Route,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let weighed = weigh(&state, &parts, false).await;
    // What stands in the address was not weighed, and may be another key.
    if let Some(recognised) = weighed.as_ref().and_then(Weighed::recognised)
        && parts.uri.query().is_none()
    {
        parts.extensions.insert(recognised.clone());
    }
    let is_admitted = weighed.as_ref().is_none_or(Weighed::is_admitted);
    let reason = later(&state, &parts, route, weighed.as_ref());
    let mut response = match (reason, is_admitted) {
        (Some(reason), true) => answered(defer::file(&state, (parts, body), route, reason).await),
        (Some(reason), false) => {
            put_off(&state, (parts, body), route, reason, weighed.as_ref()).await
        }
        (None, true) => pass(inner, Request::from_parts(parts, body)).await,
        (None, false) => turned_away(&state, &parts, route, weighed.as_ref()),
    };
    if let Some(weighed) = &weighed {
        tell(weighed, response.headers_mut());
    }
    response
}

/// Whether the request is to be done later, and why.
fn later(
    state: &ApiState,
    parts: &Parts,
    route: &Route,
    weighed: Option<&Weighed>,
) -> Option<Reason> {
    if state.gateway().deferred().is_none() || !defer::can_wait(route) {
        return None;
    }
    let over = weighed.filter(|weighed| !weighed.is_admitted());
    match (is_deferred(&parts.headers), over) {
        (true, None) => Some(Reason::Asked),
        // Strangers are turned away: finding out that they are strangers is work, too.
        (true, Some(weighed)) if weighed.is_known() => Some(Reason::Asked),
        (false, Some(weighed)) if weighed.is_known() && weighed.defers(route.path) => {
            Some(Reason::OverLimit)
        }
        _ => None,
    }
}

async fn put_off(
    state: &ApiState,
    (parts, body): (Parts, Body),
    route: &'static Route,
    reason: Reason,
    weighed: Option<&Weighed>,
) -> Response {
    let (method, bytes) = (parts.method.clone(), length(&parts.headers));
    let filed = defer::file(state, (parts, body), route, reason).await;
    if let (Ok(filed), Some(weighed)) = (&filed, weighed) {
        let defer_requested = reason == Reason::Asked;
        let (method, deferred) = (method.as_str(), filed.id.as_deref());
        let overflow = Overflow { method, route: route.path, bytes, defer_requested, deferred };
        state.gateway().overflowed(weighed, overflow);
    }
    answered(filed)
}

fn answered(filed: Result<defer::Answered, ApiError>) -> Response {
    filed.map_or_else(IntoResponse::into_response, |filed| filed.response)
}

fn turned_away(
    state: &ApiState,
    parts: &Parts,
    route: &'static Route,
    weighed: Option<&Weighed>,
) -> Response {
    // There is always one: without it nobody is turned away.
    let Some(weighed) = weighed else { return ApiError::Panicked.into_response() };
    let asked = is_deferred(&parts.headers);
    state.gateway().overflowed(weighed, overflow(parts, route.path, asked));
    refusal(weighed).into_response()
}

fn overflow<'a>(parts: &'a Parts, route: &'static str, defer_requested: bool) -> Overflow<'a> {
    let (method, bytes) = (parts.method.as_str(), length(&parts.headers));
    Overflow { method, route, bytes, defer_requested, deferred: None }
}

async fn weigh(state: &ApiState, parts: &Parts, takes_tokens: bool) -> Option<Weighed> {
    let (headers, query) = (&parts.headers, parts.uri.query());
    let arrival = Arrival { headers, query, peer: peer(parts), takes_tokens };
    state.gateway().weigh(arrival).await
}

fn peer(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn refusal(weighed: &Weighed) -> ApiError {
    ApiError::OverLimit {
        scope: weighed.budget().map_or("global", |(scope, ..)| scope.word()),
        limit: weighed.budget().map_or(0, |(_, limit, ..)| limit),
        window_seconds: weighed.window_seconds(),
        retry_after: weighed.retry_after(),
    }
}

/// What the caller has left, on every answer.
fn tell(weighed: &Weighed, headers: &mut HeaderMap) {
    let Some((_, limit, remaining, reset)) = weighed.budget() else { return };
    headers.insert(LIMIT, HeaderValue::from(limit));
    headers.insert(REMAINING, HeaderValue::from(remaining));
    headers.insert(RESET, HeaderValue::from(reset));
    let policy = format!("{limit};w={}", weighed.window_seconds());
    headers.extend(HeaderValue::from_str(&policy).ok().map(|policy| (POLICY, policy)));
    if !weighed.is_admitted() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(weighed.retry_after()));
    }
}

/// The listed route, when it asks for data. Administrators and preflights are always let in.
fn data_route(method: &Method, path: &str) -> Option<&'static Route> {
    let route = routes::find(method, path)?;
    let is_data = DATA.iter().any(|first| route.path.starts_with(first));
    let is_free = matches!(route.right, Right::Open | Right::Admin | Right::Operator(_));
    (is_data && !is_free).then_some(route)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_asks_for_data_is_counted() {
        let counted = |method: Method, path: &str| data_route(&method, path).is_some();
        for (method, path) in [
            (Method::POST, "/gateway/fetch"),
            (Method::POST, "/db/gateway/query"),
            (Method::GET, "/data"),
            (Method::GET, "/rpc/total"),
            (Method::POST, "/query/count"),
            (Method::GET, "/gateway/deferred/x"),
        ] {
            assert!(counted(method, path), "{path}");
        }
        for (method, path) in [
            (Method::GET, "/health"),
            (Method::GET, "/ping"),
            (Method::GET, "/"),
            (Method::OPTIONS, "/gateway/fetch"),
            (Method::GET, "/admin/api-keys"),
            (Method::GET, "/admin/admission-events"),
            (Method::GET, "/openapi.json"),
            (Method::GET, "/nowhere"),
        ] {
            assert!(!counted(method, path), "{path}");
        }
    }
}
