//! One transaction for one request, step by step, and what it makes stale.

use super::{RestAnswer, RestRefusal, RestRequest, RestVisitor, cap, frame, permits, refused};
use crate::{
    Gateway, answers,
    error::GatewayError,
    pipeline::observed::Journey,
    registry::{ClientInfo, Upstream},
    resilience::Attempts,
    timings::Stage,
};
use auth::Permit;
use backend::{Isolation, RestEnd, RestFrame, RestRow, RestScript, RestStatement, RestStep};
use cache::Scope;
use postgrest::{
    Access as PlanAccess, DatabasePlan, Outcome, RestError, Right,
    schema::Isolation as RoutineIsolation,
};
use query::Access;
use std::sync::Arc;

impl Gateway {
    pub(super) async fn converse(
        &self,
        journey: &mut Journey,
        visitor: &RestVisitor,
        request: &RestRequest,
        plan: &DatabasePlan,
        permit: &Permit,
    ) -> Result<RestAnswer, RestRefusal> {
        let main = plan.statement();
        journey.finish(Stage::Render);
        let settings = frame::settings(visitor, request, plan.schema(), Some(plan));
        let info = Arc::clone(&visitor.upstream.info());
        let frame = framed(visitor, plan, &info, &settings);
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
        ran.map_err(|error| refused(visitor, permits::without_rows(visitor, plan, error)))?;
        let (outcome, estimate) = script.answered()?;
        let mut rows = 0;
        if let Outcome::Row(row) = &outcome {
            rows = u64::try_from(row.page_total).unwrap_or(0);
            journey.returned(rows);
        }
        let mut answer = plan.respond(outcome, estimate)?.into();
        cap::say(&visitor.upstream, request, rows, &mut answer);
        journey.finish(Stage::Build);
        Ok(answer)
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
    plan: &DatabasePlan,
    info: &'a ClientInfo,
    settings: &'a [(String, String)],
) -> RestFrame<'a> {
    let before = info.rest.before.as_ref();
    RestFrame {
        access: match plan.access() {
            PlanAccess::ReadOnly => Access::ReadOnly,
            PlanAccess::ReadWrite => Access::ReadWrite,
        },
        isolation: plan
            .isolation()
            .map(level)
            .or_else(|| visitor.upstream.rest_state().roles().isolation(visitor.role.as_deref()?)),
        settings,
        before,
        // One that promises to change nothing can still set settings and take locks.
        leaves_traces: plan.calls_functions() || before.is_some(),
    }
}

fn level(level: RoutineIsolation) -> Isolation {
    match level {
        RoutineIsolation::ReadCommitted => Isolation::ReadCommitted,
        RoutineIsolation::RepeatableRead => Isolation::RepeatableRead,
        RoutineIsolation::Serializable => Isolation::Serializable,
    }
}

/// What is written is known of relations; what a function does is not.
fn made_stale(visitor: &RestVisitor, plan: &DatabasePlan) -> Vec<Scope> {
    let client = visitor.visitor.client();
    let everything = || vec![Scope::client(client)];
    if plan.calls_functions() || visitor.upstream.info().rest.before.is_some() {
        return everything();
    }
    let cascades = visitor.upstream.cascades();
    let touches = plan.touches();
    let written = touches.iter().filter(|touch| touch.right != Right::Read);
    let scopes = written.map(|touch| {
        let table = visitor.upstream.known_table(&touch.relation)?;
        Some(answers::write_scopes(client, &table, &cascades))
    });
    let scopes: Option<Vec<Vec<Scope>>> = scopes.collect();
    scopes.map_or_else(everything, |scopes| scopes.into_iter().flatten().collect())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Kept,
    Undone,
}

/// The main statement, and what follows from its row.
struct Conversation<'a> {
    plan: &'a DatabasePlan,
    main: RestStatement,
    outcome: Option<Result<Outcome, RestError>>,
    estimate: Option<i64>,
}

impl<'a> Conversation<'a> {
    fn new(plan: &'a DatabasePlan, main: RestStatement) -> Self {
        Self { plan, main, outcome: None, estimate: None }
    }

    fn ended(&self) -> Ended {
        match (&self.outcome, self.plan.commits()) {
            (Some(Ok(_)), true) => Ended::Kept,
            _ => Ended::Undone,
        }
    }

    /// What the statement answered, and the planner's guess where it was asked.
    fn answered(self) -> Result<(Outcome, Option<i64>), RestRefusal> {
        let outcome = self.outcome.ok_or(GatewayError::Abandoned)?;
        Ok((outcome?, self.estimate))
    }

    fn end(&self) -> RestEnd {
        match self.plan.commits() {
            true => RestEnd::Commit,
            false => RestEnd::RollBackChecked,
        }
    }

    fn main(&self) -> RestStep {
        let main = self.main.clone();
        match self.plan.ends_the_same() {
            true => RestStep::Last(main, self.end()),
            false => RestStep::Run(main),
        }
    }

    fn after_main(&mut self, rows: Vec<RestRow>) -> RestStep {
        let outcome = Outcome::read(self.plan, rows);
        let outcome = outcome.and_then(|outcome| self.plan.check(&outcome).map(|()| outcome));
        let step = match &outcome {
            Err(_) => RestStep::End(RestEnd::RollBack),
            Ok(outcome) => match self.plan.estimate(outcome.total()) {
                Some(estimate) => RestStep::Run(estimate),
                None => RestStep::End(self.end()),
            },
        };
        self.outcome = Some(outcome);
        step
    }
}

impl RestScript for Conversation<'_> {
    fn next(&mut self, rows: Option<Vec<RestRow>>) -> RestStep {
        match (rows, &self.outcome) {
            (None, _) => {
                (self.outcome, self.estimate) = (None, None);
                self.main()
            }
            (Some(rows), None) => self.after_main(rows),
            (Some(rows), Some(_)) => {
                self.estimate = Outcome::estimate(&rows);
                RestStep::End(self.end())
            }
        }
    }
}
