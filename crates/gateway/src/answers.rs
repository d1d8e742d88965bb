//! Answers that are kept: which request they answer, what makes them stale, and how they are sent.

mod key;
mod scopes;

pub(crate) use key::{Form, lookup, lookup_text};
pub(crate) use scopes::{Cascades, read_scopes, write_scopes};

use crate::error::GatewayError;
use cache::{Found, ReadError, ResponseCache, Scope, WriteNotice};
use query::ApiResponse;
use std::{sync::Arc, time::Duration};

/// The kept answers of one gateway; with the cache off there are none, and nothing is told stale.
#[derive(Clone, Default)]
pub(crate) struct Answers {
    cache: Option<ResponseCache<GatewayError>>,
}

/// A write under way, which makes answers stale however it ends, unless it surely changed nothing.
pub(crate) struct Writing {
    cache: Option<ResponseCache<GatewayError>>,
    notice: Option<WriteNotice>,
    scopes: Vec<Scope>,
}

/// When a statement whose end nobody saw is looked upon as over: it was cancelled, but a cancelled
/// statement may still be committed a moment later.
const SETTLED: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(2)];

impl Answers {
    pub(crate) fn kept_in(cache: ResponseCache<GatewayError>) -> Self {
        Self { cache: Some(cache) }
    }

    pub(crate) fn cache(&self) -> Option<&ResponseCache<GatewayError>> {
        self.cache.as_ref()
    }

    /// Announce a write before it runs. The scopes are not worked out when nothing is kept.
    pub(crate) fn will_write(&self, scopes: impl FnOnce() -> Vec<Scope>) -> Writing {
        let scopes = if self.cache.is_some() { scopes() } else { Vec::new() };
        let notice = self.cache.as_ref().map(|cache| cache.will_write(scopes.clone()));
        Writing { cache: self.cache.clone(), notice, scopes }
    }
}

impl Writing {
    /// It was committed; await this before answering.
    pub(crate) async fn written(mut self) {
        if let Some(notice) = self.notice.take() {
            notice.written().await;
        }
    }

    /// It changed nothing for certain.
    pub(crate) fn unchanged(mut self) {
        if let Some(notice) = self.notice.take() {
            notice.unchanged();
        }
    }
}

impl Drop for Writing {
    /// Nobody saw how it ended: the notice counts as written now, and once more when it is over.
    fn drop(&mut self) {
        let (Some(_notice), Some(cache)) = (self.notice.take(), self.cache.take()) else { return };
        let scopes = std::mem::take(&mut self.scopes);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                for pause in SETTLED {
                    tokio::time::sleep(pause).await;
                    cache.invalidate(scopes.clone()).await;
                }
            });
        }
    }
}

/// The kept answer with the headers that tell how it was come by.
pub(crate) fn response(found: &Found) -> ApiResponse {
    let answer = found.entry.answer();
    let headers = Vec::with_capacity(9);
    let mut response = ApiResponse { status: answer.status, headers, body: answer.body.clone() };
    response.headers.push(("content-type", JSON.into()));
    response.headers.push(("etag", found.entry.etag().to_owned().into()));
    let mut own = answer.headers.iter();
    if let Some((_, total)) = own.find(|(name, _)| **name == *TOTAL) {
        response.headers.push((TOTAL, total.to_string().into()));
    }
    mark(&mut response, found);
    response
}

/// How it was come by, and who may keep it.
pub(crate) fn mark(response: &mut ApiResponse, found: &Found) {
    let source = found.outcome.source();
    let is_kept = matches!(source, cache::Source::Local | cache::Source::Redis);
    let headers = &mut response.headers;
    headers.push(("x-athena-cache-outcome", found.outcome.label().into()));
    headers.push(("x-athena-cache-source", source.label().into()));
    headers.push(("x-athena-cached", if is_kept { "true" } else { "false" }.into()));
    headers.push(("cache-control", "private".into()));
    if is_kept {
        headers.push(("age", found.entry.age().as_secs().to_string().into()));
    }
}

const JSON: &str = "application/json";
/// Where a bare answer says how many rows there are.
const TOTAL: &str = "x-total-count";

/// A finished read as it is kept, without the header that every answer has.
pub(crate) fn kept(response: ApiResponse, rows: u64) -> cache::Answer {
    let ApiResponse { status, headers, body } = response;
    let own = headers.into_iter().filter(|(name, _)| *name == TOTAL);
    let headers = own.map(|(name, value)| (name.into(), value.into())).collect();
    cache::Answer { status, rows, headers, body }
}

impl From<ReadError<GatewayError>> for GatewayError {
    fn from(error: ReadError<GatewayError>) -> Self {
        match error {
            ReadError::Failed(error) => Arc::try_unwrap(error).unwrap_or_else(Self::Shared),
            ReadError::TooSlow => Self::TooSlow,
            ReadError::Abandoned => Self::Abandoned,
        }
    }
}
