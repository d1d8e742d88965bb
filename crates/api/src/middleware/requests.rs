//! The end of each request, counted and written down. What is kept of its headers is on a list.

use crate::{error::Unanswered, hosts::HostRouted};
use api_types::ClientName;
use auth::PresentedKey;
use axum::{
    body::Body,
    extract::{ConnectInfo, Request},
    response::Response,
};
use bytes::Bytes;
use gateway::{
    Gateway, Trace,
    observe::{self, Door, Noted, RequestCount, RequestLog, RequestRow},
};
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value};
use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// Headers that tell something and hold no secret, in their order.
const KEPT: [&str; 26] = [
    "accept",
    "accept-encoding",
    "accept-profile",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-profile",
    "content-type",
    "if-none-match",
    "origin",
    "prefer",
    "range",
    "user-agent",
    "x-athena-client",
    "x-athena-defer",
    "x-athena-response",
    "x-athena-response-case",
    "x-athena-sdk",
    "x-backend-type",
    "x-company-id",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-organization-id",
    "x-request-id",
    "x-strip-nulls",
    "x-user-id",
];
/// Longer values are cut.
const LONGEST: usize = 512;
/// Those who ask whether we are there are not worth a row.
const PROBES: [&str; 4] = ["/ping", "/health", "/ready", "/metrics"];

/// A request under way.
pub(super) struct Seen {
    log: RequestLog,
    door: Arc<Door>,
    trace: Trace,
    headers: HeaderMap,
    query: Option<String>,
    peer: Option<SocketAddr>,
    host: Option<HostRouted>,
    /// Nothing where it is not kept.
    body: Option<Arc<OnceLock<Bytes>>>,
    started: Instant,
}

/// A small body, kept on its way.
pub(super) struct Slot {
    body: Arc<OnceLock<Bytes>>,
    limit: usize,
}

impl Slot {
    /// Read the body, and hand it on as it was.
    pub(super) async fn keep(self, request: Request) -> Request {
        let (parts, body) = request.into_parts();
        // Its length was told, and no more than that is sent on one connection as one request.
        let read = axum::body::to_bytes(body, self.limit).await.unwrap_or_default();
        let _ = self.body.set(read.clone());
        Request::from_parts(parts, Body::from(read))
    }
}

impl Seen {
    /// Nothing when requests are not written down, or this one is not worth it.
    pub(super) fn begin(
        gateway: &Gateway,
        request: &Request,
        trace: Trace,
    ) -> Option<(Self, Trace)> {
        let log = gateway.request_log()?.clone();
        let path = request.uri().path();
        if PROBES.contains(&path) {
            return None;
        }
        let door = Arc::new(Door::new(request.method(), path));
        let trace = trace.through(Arc::clone(&door));
        let extensions = request.extensions();
        let seen = Self {
            log,
            door,
            trace: trace.clone(),
            // Values are shared, not copied; most of them are never looked at again.
            headers: request.headers().clone(),
            query: request.uri().query().map(str::to_owned),
            peer: extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer),
            host: extensions.get::<HostRouted>().cloned(),
            body: keeps_body(request.headers(), gateway).then(Arc::default),
            started: Instant::now(),
        };
        Some((seen, trace))
    }

    /// Where the body is to be kept, if it is.
    pub(super) fn body_slot(&self) -> Option<Slot> {
        let body = Arc::clone(self.body.as_ref()?);
        Some(Slot { body, limit: self.log.body_bytes() })
    }

    pub(super) fn end(self, gateway: &Gateway, response: &Response, error: Option<&Unanswered>) {
        let status = response.status().as_u16();
        let noted = self.door.noted();
        let client = match noted {
            Some(noted) => noted.client.clone(),
            None => self.named().filter(|name| gateway.has_client(name)),
        };
        let cached = noted.and_then(|noted| noted.cache?.cached);
        let count = RequestCount {
            client: client.clone(),
            status,
            is_cached: cached == Some(true),
            duration: self.started.elapsed(),
            at: SystemTime::now(),
        };
        if self.log.count(&count) {
            let code = error.map(|Unanswered(error)| error.problem().code);
            self.log.record(self.row(&count, code));
        }
    }

    fn named(&self) -> Option<ClientName> {
        ClientName::parse(self.headers.get("x-athena-client")?.to_str().ok()?).ok()
    }

    fn row(&self, count: &RequestCount, code: Option<String>) -> RequestRow {
        let noted = self.door.noted();
        let cache = noted.and_then(|noted| noted.cache);
        let since = count.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (source, key, outcome) = self.routed(noted, code.as_deref());
        let is_refused = matches!(count.status, 401 | 403);
        RequestRow {
            request_id: Arc::from(self.trace.request_id.as_str()),
            client: count.client.clone(),
            method: self.door.method.to_owned(),
            path: Arc::clone(&self.door.path),
            query_string: self.query.as_deref().map(observe::redacted_query),
            status_code: count.status,
            ipv4: self.peer.map(|peer| peer.ip().to_string()),
            user_agent: self.text("user-agent"),
            headers: self.kept(),
            body: self
                .body
                .as_ref()
                .and_then(|body| body.get())
                .and_then(|body| serde_json::from_slice(body).ok().map(observe::redacted_json)),
            user_id: self.text("x-user-id"),
            company_id: self.text("x-company-id"),
            organization_id: self.text("x-organization-id"),
            presented_api_key_public_id: self.key(noted),
            api_key_authenticated: noted.is_some_and(|noted| noted.key.is_some()),
            api_key_authorized: noted.is_some() && !is_refused,
            api_key_enforced: noted.map_or(count.status == 401, |noted| noted.is_enforced),
            api_key_auth_reason: Some(reason(noted, is_refused, code)),
            host: self.text("host"),
            cached: cache.and_then(|cache| cache.cached),
            duration_ms: u64::try_from(count.duration.as_millis()).unwrap_or(u64::MAX),
            cache_lookup_outcome: cache.map(|cache| cache.outcome.to_owned()),
            cache_source: cache.map(|cache| cache.source.to_owned()),
            operation: noted.map(|noted| noted.act.word()),
            table_name: noted.and_then(|noted| noted.table.as_ref()).map(|table| table.shared()),
            route_source: source,
            route_key: key,
            route_outcome: outcome,
            micros: i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        }
    }

    /// Which key was shown, by the part of it that is no secret.
    fn key(&self, noted: Option<&Noted>) -> Option<String> {
        if let Some(key) = noted.and_then(|noted| noted.key.as_ref()) {
            return Some(key.0.to_string());
        }
        let presented = PresentedKey::from_headers(&self.headers, self.query.as_deref());
        presented.key().ok().map(|key| key.id().0.to_string())
    }

    /// Through which route it came, and what became of that.
    fn routed(
        &self,
        noted: Option<&Noted>,
        code: Option<&str>,
    ) -> (Option<&'static str>, Option<String>, Option<&'static str>) {
        if let Some(rest) = self.door.path.strip_prefix("/public/") {
            let key = rest.rsplit_once('/').map(|(key, _)| key.chars().take(200).collect());
            let outcome = match (noted, code) {
                (Some(_), None) => "forwarded_ok",
                (Some(_), Some(_)) => "forwarded_error",
                (None, Some("invalid_op")) => "invalid_op",
                (None, Some("invalid_route_key")) => "invalid_route_key",
                (None, Some("unknown_public_route")) => "route_not_found",
                (None, Some("route_inactive")) => "route_inactive",
                (None, Some("op_not_allowed")) => "op_not_allowed",
                (None, Some("route_registry_unavailable")) => "catalog_unavailable",
                (None, _) => "invalid_payload",
            };
            return (Some("public_route"), key, Some(outcome));
        }
        match &self.host {
            Some(host) => (Some("wildcard_host"), Some(host.label.clone()), Some(host.outcome)),
            None => (None, None, None),
        }
    }

    fn kept(&self) -> Value {
        let mut kept = Map::new();
        for (name, value) in &self.headers {
            if KEPT.binary_search(&name.as_str()).is_ok() {
                kept.insert(name.as_str().to_owned(), shown(value).into());
            }
        }
        Value::Object(kept)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(shown)
    }
}

/// Whether the body is small enough to be kept with its request.
fn keeps_body(headers: &HeaderMap, gateway: &Gateway) -> bool {
    let limit = gateway.request_log().map_or(0, RequestLog::body_bytes);
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    length.is_some_and(|length| length > 0 && length <= limit)
}

fn shown(value: &HeaderValue) -> String {
    let text: String = String::from_utf8_lossy(value.as_bytes()).chars().take(LONGEST).collect();
    observe::redacted_text(&text).into_owned()
}

/// The contract's words for who was let in; the problem's code for who was not.
fn reason(noted: Option<&Noted>, is_refused: bool, code: Option<String>) -> String {
    match (noted, code) {
        (_, Some(code)) if is_refused => code,
        (Some(noted), _) if noted.key.is_some() => "api_key_authenticated".to_owned(),
        (Some(noted), _) if !noted.is_enforced => "api_key_not_enforced".to_owned(),
        (Some(_), _) => "authenticated".to_owned(),
        (None, _) => "not_checked".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_headers_is_in_order_and_names_no_secret() {
        assert!(KEPT.is_sorted());
        for secret in
            ["authorization", "apikey", "x-api-key", "x-athena-key", "cookie", "x-jdbc-url"]
        {
            assert!(KEPT.binary_search(&secret).is_err(), "{secret}");
        }
    }
}
