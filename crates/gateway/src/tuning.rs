//! How a client differs from the gateway's own settings: a document that is checked and applied live.

mod document;
mod error;

pub use document::{Overrides, PoolTuning};
pub use error::TuningError;

use crate::{
    Gateway,
    access::Visitor,
    registry::{ClientInfo, Upstream},
    rest::RestSettings,
};
use cache::ResponseCache;
use query::plan::PlanLimits;
use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What of a client's way of working can be changed while it works. Nothing means as the gateway does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tuning {
    /// Nobody writes here, through whichever door.
    pub read_only: bool,
    /// For all attempts at one statement together.
    pub deadline: Option<Duration>,
    pub read_retries: Option<u32>,
    pub first_backoff: Option<Duration>,
    pub max_rows: Option<u64>,
    pub max_stream_rows: Option<u64>,
    pub keeps_answers: Option<bool>,
    pub answers_ttl: Option<Duration>,
    pub uuid_as_text: Option<bool>,
    pub pool: PoolTuning,
}

/// What holds for a client whose own settings are `info` and whose document is `overrides`.
pub fn effective(info: &ClientInfo, overrides: &Overrides) -> ClientInfo {
    let given = overrides.clone();
    let base = &info.tuning;
    let tuning = Tuning {
        read_only: given.read_only.unwrap_or(base.read_only),
        deadline: given.deadline.or(base.deadline),
        read_retries: given.read_retries.or(base.read_retries),
        first_backoff: given.first_backoff.or(base.first_backoff),
        max_rows: given.max_rows.or(base.max_rows),
        max_stream_rows: given.max_stream_rows.or(base.max_stream_rows),
        keeps_answers: given.keeps_answers.or(base.keeps_answers),
        answers_ttl: given.answers_ttl.or(base.answers_ttl),
        uuid_as_text: given.uuid_as_text.or(base.uuid_as_text),
        pool: given.pool.over(&base.pool),
    };
    ClientInfo {
        statement_timeout: given.statement_timeout.or(info.statement_timeout),
        snake_case: given.snake_case.or(info.snake_case),
        response_case: given.response_case.or(info.response_case),
        rest: rest(&info.rest, given.postgrest_mode, given.max_rows),
        tuning,
        ..info.clone()
    }
}

fn rest(own: &Arc<RestSettings>, mode: Option<bool>, max_rows: Option<u64>) -> Arc<RestSettings> {
    if mode.is_none() && max_rows.is_none() {
        return Arc::clone(own);
    }
    let mut changed = RestSettings::clone(own);
    changed.options.postgrest_mode = mode.unwrap_or(own.options.postgrest_mode);
    if max_rows.is_some() {
        changed.options.max_rows = max_rows;
        changed.config = own
            .config
            .as_deref()
            .map(|config| Arc::new(postgrest::RestConfig { max_rows, ..config.clone() }));
    }
    Arc::new(changed)
}

impl Tuning {
    /// Which stretch of time a kept answer belongs to, where they are kept for a time of their own.
    pub(crate) fn epoch(&self) -> Option<String> {
        let ttl = self.answers_ttl?.as_millis().max(1);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        Some(format!("{ttl}:{}", now / ttl))
    }

    /// Whether kept answers are looked for as everywhere else.
    pub(crate) fn keeps_plainly(&self) -> bool {
        self.keeps_answers != Some(false) && self.answers_ttl.is_none()
    }
}

impl Gateway {
    /// The kept answers, unless this client has none.
    pub(crate) fn cache_for(
        &self,
        upstream: &Upstream,
    ) -> Option<&ResponseCache<crate::GatewayError>> {
        let is_off = upstream.info().tuning.keeps_answers == Some(false);
        self.answers().cache().filter(|_| !is_off)
    }

    /// The most rows of one answer to this visitor.
    pub(crate) fn limits(&self, visitor: &Visitor) -> PlanLimits {
        let own = self.settings().limits.max_rows;
        self.capped(visitor, own, |tuning| tuning.max_rows)
    }

    /// The same for rows that are handed on as they come.
    pub(crate) fn limits_of_streams(&self, visitor: &Visitor) -> PlanLimits {
        let own = self.settings().max_stream_rows;
        self.capped(visitor, own, |tuning| tuning.max_stream_rows)
    }

    fn capped(
        &self,
        visitor: &Visitor,
        own: u64,
        of: impl Fn(&Tuning) -> Option<u64>,
    ) -> PlanLimits {
        let upstream = self.registry().get(visitor.client()).ok();
        let tuned = upstream.and_then(|upstream| of(&upstream.info().tuning));
        let max_rows = tuned.unwrap_or(own);
        let bound = visitor.bounds().and_then(|bounds| bounds.max_rows);
        PlanLimits { max_rows: bound.map_or(max_rows, |bound| bound.min(max_rows)) }
    }
}
