//! One transaction for one request, step by step, and what it makes stale.

use super::{
    RestAnswer, RestRefusal, RestRequest, RestVisitor, frame,
    language::{Plan, RestError},
    refused,
};
use crate::{
    Gateway, answers, error::GatewayError, pipeline::observed::Journey, registry::Upstream,
    resilience::Attempts, timings::Stage,
};
use auth::Permit;
use backend::{Isolation, RestFrame, RestRow, RestScript, RestStatement, RestStep};
use cache::Scope;
use postgrest::schema::{Isolation as RoutineIsolation, Volatility};
use query::Access;
use std::sync::Arc;

impl Gateway {
    pub(super) async fn converse(
        &self,
        journey: &mut Journey,
        visitor: &RestVisitor,
        request: &RestRequest,
        plan: &Plan,
        permit: &Permit,
    ) -> Result<RestAnswer, RestRefusal> {
        let Some(main) = plan.statement() else {
            return Ok(answer(plan.respond(Vec::new())?));
        };
        journey.finish(Stage::Render);
        let settings = frame::settings(visitor, request, Some(plan));
        let frame = framed(visitor, plan, &settings);
        let mut script = Conversation::new(plan, main);
        let writing = (frame.access == Access::ReadWrite)
            .then(|| self.answers().will_write(|| made_stale(visitor, plan)));
        let ran = self.exchange(&visitor.upstream, permit, frame, &mut script).await;
        let ended = script.ended();
        match (writing, &ran) {
            (Some(writing), Ok(())) if ended == Ended::Undone => writing.unchanged(),
            (Some(writing), Ok(())) => writing.written().await,
            (Some(writing), Err(error)) if error.surely_changed_nothing() => writing.unchanged(),
            (writing, _) => drop(writing),
        }
        journey.finish(Stage::Execute);
        ran.map_err(|error| refused(visitor, error))?;
        let rows = script.rows()?;
        Ok(answer(plan.respond(rows)?))
    }

    /// Reads are tried again where that may help.
    pub(super) async fn exchange(
        &self,
        upstream: &Arc<Upstream>,
        permit: &Permit,
        frame: RestFrame<'_>,
        script: &mut dyn RestScript,
    ) -> Result<(), GatewayError> {
        let mut attempts = Attempts::begin(upstream, frame.access, self.time_for(upstream))
            .map_err(|refused| GatewayError::turned_away(upstream.name(), refused))?;
        loop {
            let left = attempts.left();
            let result = upstream.backend().exchange(permit, frame, script, left).await;
            if let Some(result) = attempts.settle(result).await {
                return result.map_err(|source| GatewayError::Backend { source, operation: None });
            }
        }
    }
}

fn framed<'a>(
    visitor: &'a RestVisitor,
    plan: &Plan,
    settings: &'a [(String, String)],
) -> RestFrame<'a> {
    let routine = plan.routine();
    let before = visitor.upstream.info().rest.before.as_ref();
    let changes = routine.is_some_and(|routine| routine.volatility == Volatility::Volatile);
    RestFrame {
        access: plan.access(),
        isolation: routine
            .and_then(|routine| routine.isolation)
            .map(level)
            .or_else(|| visitor.upstream.rest_state().roles().isolation(visitor.role.as_deref()?)),
        settings,
        before,
        leaves_traces: changes || before.is_some(),
    }
}

fn level(level: RoutineIsolation) -> Isolation {
    match level {
        RoutineIsolation::ReadCommitted => Isolation::ReadCommitted,
        RoutineIsolation::RepeatableRead => Isolation::RepeatableRead,
        RoutineIsolation::Serializable => Isolation::Serializable,
    }
}

/// What is written is known of relations; what a routine does is not.
fn made_stale(visitor: &RestVisitor, plan: &Plan) -> Vec<Scope> {
    let client = visitor.visitor.client();
    let everything = || vec![Scope::client(client)];
    let (None, Some((name, _))) = (plan.routine(), plan.touches().into_iter().next()) else {
        return everything();
    };
    let Some(table) = visitor.upstream.known_table(&name) else { return everything() };
    answers::write_scopes(client, &table, &visitor.upstream.cascades())
}

fn answer(response: super::language::Response) -> RestAnswer {
    let super::language::Response { status, headers, body } = response;
    RestAnswer { status, headers, body, code: None }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Kept,
    Undone,
}

/// The main statement, and what follows from its rows.
struct Conversation<'a> {
    plan: &'a Plan,
    main: RestStatement,
    rows: Vec<Vec<RestRow>>,
    refusal: Option<RestError>,
}

impl<'a> Conversation<'a> {
    fn new(plan: &'a Plan, main: RestStatement) -> Self {
        Self { plan, main, rows: Vec::new(), refusal: None }
    }

    fn ended(&self) -> Ended {
        match self.refusal.is_some() || self.plan.wants_rollback() {
            true => Ended::Undone,
            false => Ended::Kept,
        }
    }

    /// What each statement answered.
    fn rows(self) -> Result<Vec<Vec<RestRow>>, RestError> {
        match self.refusal {
            Some(refusal) => Err(refusal),
            None => Ok(self.rows),
        }
    }

    fn end(&self) -> RestStep {
        match self.plan.wants_rollback() {
            true => RestStep::RollBackChecked,
            false => RestStep::Commit,
        }
    }
}

impl RestScript for Conversation<'_> {
    fn next(&mut self, rows: Option<Vec<RestRow>>) -> RestStep {
        let Some(rows) = rows else {
            (self.rows, self.refusal) = (Vec::new(), None);
            return RestStep::Run(self.main.clone());
        };
        self.rows.push(rows);
        let [main] = self.rows.as_slice() else { return self.end() };
        match self.plan.after_main(main) {
            Ok(Some(statement)) => RestStep::Run(statement),
            Ok(None) => self.end(),
            Err(refusal) => {
                self.refusal = Some(refusal);
                RestStep::RollBack
            }
        }
    }
}
