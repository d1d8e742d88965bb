//! A read without a limit of a database that belongs to others: it is capped, and the answer says so.

use super::{RestAnswer, RestRequest};
use crate::{federation::UNLIMITED_ROWS, registry::Upstream};
use http::{HeaderValue, Method, header};
use postgrest::RestConfig;
use std::sync::Arc;

const CAPPED: &str = "x-athena-limit-clamped";

fn is_unlimited(upstream: &Upstream, request: &RestRequest) -> bool {
    let mut pairs = request.query.split('&').filter_map(|pair| pair.split('=').next());
    let is_read = [Method::GET, Method::HEAD].contains(&request.method);
    upstream.terms().is_some()
        && is_read
        && !pairs.any(|name| name == "limit")
        && !request.headers.contains_key(header::RANGE)
}

pub(super) fn config(
    upstream: &Upstream,
    request: &RestRequest,
    config: Arc<RestConfig>,
) -> Arc<RestConfig> {
    let most = config.max_rows.unwrap_or(u64::MAX);
    if !is_unlimited(upstream, request) || most <= UNLIMITED_ROWS {
        return config;
    }
    Arc::new(RestConfig { max_rows: Some(UNLIMITED_ROWS), ..RestConfig::clone(&config) })
}

/// Said whenever the limit held, whether or not there was more.
pub(super) fn say(upstream: &Upstream, request: &RestRequest, rows: u64, answer: &mut RestAnswer) {
    if rows >= UNLIMITED_ROWS && is_unlimited(upstream, request) {
        answer.headers.insert(CAPPED, HeaderValue::from(UNLIMITED_ROWS));
    }
}
