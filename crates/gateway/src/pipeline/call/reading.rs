//! A call that changes nothing: its answer may be kept, and it may be made twice.

use super::{Journey, answer};
use crate::{
    Gateway,
    answers::{self, Form},
    error::GatewayError,
    registry::Upstream,
    resilience::Attempts,
    timings::Stage,
};
use auth::Permit;
use backend::Outcome;
use bytes::BytesMut;
use cache::{Directive, Lookup, Scope};
use query::{Access, ApiResponse, CallPlan, Statement, response::script};
use std::{sync::Arc, time::Duration};

/// One call with all it needs, so that it can go on without who asked for it.
pub(super) struct Calling {
    pub(super) upstream: Arc<Upstream>,
    pub(super) plan: CallPlan,
    pub(super) permit: Permit,
    pub(super) statement: Statement,
    /// For all attempts together.
    pub(super) time: Duration,
}

impl Gateway {
    pub(super) async fn read_call(
        &self,
        journey: &mut Journey,
        calling: Calling,
        directive: Directive,
    ) -> Result<ApiResponse, GatewayError> {
        let Some(cache) = self.cache_for(&calling.upstream) else {
            let made = calling.read().await;
            journey.finish(Stage::Execute);
            let (mut response, rows) = made?;
            journey.returned(rows);
            response.headers.push(("cache-control", "private".into()));
            return Ok(response);
        };
        let lookup = lookup(journey, &calling);
        let patience = calling.upstream.patience(calling.time);
        let found = cache.read(&lookup, directive, patience, || async move {
            let (response, rows) = calling.read().await?;
            Ok(answers::kept(response, rows))
        });
        let found = found.await;
        journey.finish(Stage::Cache);
        let found = found?;
        journey.found(&found);
        Ok(answers::response(&found))
    }
}

/// Which tables a function looks at is the database's to know.
fn lookup(journey: &Journey, calling: &Calling) -> Lookup {
    let visitor = journey.visitor();
    let plan = &calling.plan;
    let shape = format!(
        "{} {} {} {}",
        plan.routine().name,
        plan.wants_count(),
        plan.only_counts(),
        plan.limit_clamped()
    );
    let strip_nulls = plan.strip_nulls();
    let form = Form { surface: "rpc", shape: &shape, strip_nulls };
    let reads = vec![Scope::any_table(visitor.client())];
    answers::lookup(visitor, &calling.upstream, &form, (&calling.statement, None), reads)
}

impl Calling {
    async fn read(&self) -> Result<(ApiResponse, u64), GatewayError> {
        let mut body = script::open_query();
        let outcome = self.run(&mut body).await?;
        let rows = outcome.returned;
        Ok((answer(&self.plan, outcome, body, ""), rows))
    }

    pub(super) async fn run(&self, body: &mut BytesMut) -> Result<Outcome, GatewayError> {
        let opening = body.len();
        let mut outcome = self.attempt(&self.statement, body).await?;
        if self.plan.only_counts() {
            body.truncate(opening);
            body.extend_from_slice(b"[]");
            (outcome.count, outcome.returned) = (Some(outcome.count.unwrap_or(0)), 0);
        } else if outcome.returned == 0 && self.plan.wants_count() {
            outcome.count = self.count_without_rows().await?;
        }
        Ok(outcome)
    }

    /// The count stands beside each row, so beyond the last one there is none. It is asked for on
    /// its own, unless asking twice would do twice what the routine does.
    async fn count_without_rows(&self) -> Result<Option<u64>, GatewayError> {
        if self.plan.window().offset == 0 {
            return Ok(Some(0));
        }
        if self.plan.access() == Access::ReadWrite {
            return Ok(None);
        }
        let counting = self.upstream.backend().render_call(&self.plan.counting())?;
        let outcome = self.attempt(&counting, &mut BytesMut::new()).await?;
        Ok(Some(outcome.count.unwrap_or(0)))
    }

    async fn attempt(
        &self,
        statement: &Statement,
        body: &mut BytesMut,
    ) -> Result<Outcome, GatewayError> {
        let mut attempts = Attempts::begin(&self.upstream, statement.access(), self.time)
            .map_err(|refused| GatewayError::turned_away(self.upstream.name(), refused))?;
        let start = body.len();
        loop {
            body.truncate(start);
            let left = attempts.left();
            let backend = self.upstream.backend();
            let result = backend.execute(&self.permit, statement, left, body).await;
            if let Some(result) = attempts.settle(result).await {
                return result.map_err(|source| GatewayError::Backend { source, operation: None });
            }
        }
    }
}
