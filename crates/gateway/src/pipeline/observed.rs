//! What is learnt about a request along its way, told once at its end.

use crate::{
    Gateway,
    access::Visitor,
    error::GatewayError,
    ids::Trace,
    observe::{Act, Observation, RequestSeen},
    pipeline::Answer,
    timings::{Stage, Timings},
};
use cache::{Found, Source};
use catalog::Ident;
use query::ApiResponse;
use store::CacheSeen;

/// A request under way.
pub(crate) struct Journey {
    visitor: Visitor,
    act: Act,
    table: Option<Ident>,
    rows: u64,
    cache: Option<CacheSeen>,
    timings: Timings,
}

impl Journey {
    pub(crate) fn begin(visitor: Visitor, act: Act) -> Self {
        // The time until now went into reading the body, which is the caller's.
        let timings = visitor.timings().clone().skip();
        Self { visitor, act, table: None, rows: 0, cache: None, timings }
    }

    pub(crate) fn visitor(&self) -> &Visitor {
        &self.visitor
    }
    pub(crate) fn trace(&self) -> &Trace {
        self.visitor.trace()
    }
    pub(crate) fn timings(&self) -> &Timings {
        &self.timings
    }
    pub(crate) fn timings_mut(&mut self) -> &mut Timings {
        &mut self.timings
    }

    pub(crate) fn finish(&mut self, stage: Stage) {
        self.timings.finish(stage);
    }

    pub(crate) fn touches(&mut self, name: Ident) {
        self.table = Some(name);
    }

    pub(crate) fn returned(&mut self, rows: u64) {
        self.rows = rows;
    }

    /// An answer that is kept, or might have been.
    pub(crate) fn found(&mut self, found: &Found) {
        let source = found.outcome.source();
        let cached = match source {
            Source::Local | Source::Redis => Some(true),
            Source::Database => Some(false),
            Source::Bypass => None,
        };
        let outcome = found.outcome.label();
        self.cache = Some(CacheSeen { outcome, source: source.label(), cached });
        self.rows = found.entry.answer().rows;
    }

    pub(crate) fn end(
        self,
        gateway: &Gateway,
        result: Result<ApiResponse, GatewayError>,
    ) -> Result<ApiResponse, GatewayError> {
        let bytes = result.as_ref().map_or(0, |response| response.body.len());
        let error = result.as_ref().err();
        self.tell(gateway, error, bytes);
        result
    }

    pub(crate) fn end_in_process(
        self,
        gateway: &Gateway,
        result: Result<Answer, GatewayError>,
    ) -> Result<Answer, GatewayError> {
        let bytes = result.as_ref().map_or(0, |answer| answer.rows.len());
        let error = result.as_ref().err();
        self.tell(gateway, error, bytes);
        result
    }

    /// It ended before there was anything to answer with.
    pub(crate) fn failed(&self, gateway: &Gateway, error: &GatewayError) {
        self.tell(gateway, Some(error), 0);
    }

    /// Its rows were handed on as they came.
    pub(crate) fn streamed(&self, gateway: &Gateway, error: Option<&GatewayError>, bytes: usize) {
        self.tell(gateway, error, bytes);
    }

    /// It has an answer of its own shape, whether that is good or bad.
    pub(crate) fn answered(self, gateway: &Gateway, status: u16, code: Option<&str>, bytes: usize) {
        self.seen(gateway, status, code, bytes);
    }

    fn tell(&self, gateway: &Gateway, error: Option<&GatewayError>, bytes: usize) {
        let problem = error.map(GatewayError::problem);
        let status = problem.as_ref().map_or(200, |problem| problem.status);
        let code = problem.as_ref().map(|problem| problem.code.as_str());
        self.seen(gateway, status, code, bytes);
    }

    fn seen(&self, gateway: &Gateway, status: u16, code: Option<&str>, bytes: usize) {
        let client = self.visitor.client();
        let seen = RequestSeen {
            trace: self.trace(),
            act: self.act,
            client,
            credential: self.visitor.caller().credential(),
            table: self.table.as_ref(),
            status,
            code,
            rows: self.rows,
            bytes,
            cache: self.cache,
            // Who is answered well asked a client that is there.
            is_known: status < 400 || gateway.registry().knows(client),
            timings: &self.timings,
        };
        if let Some(door) = &self.trace().door {
            door.note(&seen);
        }
        gateway.observe(&Observation::Request(seen));
    }
}
