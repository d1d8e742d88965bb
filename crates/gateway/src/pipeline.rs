//! A request's journey, one stage after the other, each timed under its own name.

mod call;
mod check;
mod count;
mod error;
mod known;
pub(crate) mod observed;
mod patterns;
mod plan;
mod read;
mod script;
mod stream;
mod task;
mod together;
mod transaction;
mod write;

pub(crate) use known::{KnownRequests, requests as known_requests};
pub(crate) use patterns::Patterns;
pub(crate) use together::Together;

pub use count::CountOf;
pub use error::OperationError;
pub use script::{RawSql, SqlDoor};
pub use stream::{RowsBroke, Streamed};
pub use together::{InsertWindowEvents, InsertWindowSettings};
pub use transaction::Transaction;

use crate::{
    Gateway,
    access::Visitor,
    error::{Failure, GatewayError},
    ids::Trace,
    observe::Act,
    registry::Upstream,
    timings::{Stage, Timings},
};
use api_types::ClientName;
use auth::Caller;
use backend::Outcome;
use bytes::{Bytes, BytesMut};
use cache::Directive;
use known::Ticket;
use observed::Journey;
use patterns::{Repeated, Sketch};
use query::{
    Access, ApiRequest, ApiResponse, Operation, Plan,
    plan::PlanLimits,
    request::{Profile, ResponseCase},
};
use read::{Wish, Words, recalled};
use std::{sync::Arc, time::Duration};
use task::Task;
use write::Company;

/// A data request as it arrived, after its sender was let in.
#[derive(Debug, Clone)]
pub struct RawRequest {
    pub operation: Operation,
    pub body: Bytes,
    /// The header's wish; the body may have the same one.
    pub strip_nulls: bool,
    /// Whether a kept answer will do.
    pub directive: Directive,
    pub profile: Profile,
    /// How members are spelled, when the header says it.
    pub response_case: Option<ResponseCase>,
    /// How long an insert may wait for others like it; as the settings say when `None`.
    pub insert_window: Option<Duration>,
}

/// What came back for a request made in process.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The rows as one JSON array.
    pub rows: Bytes,
    pub outcome: Outcome,
    pub plan: Plan,
    pub timings: Timings,
    pub trace: Trace,
}

impl Gateway {
    /// From a body to a body: what every data route calls.
    pub async fn serve(
        &self,
        visitor: Visitor,
        raw: RawRequest,
    ) -> Result<ApiResponse, GatewayError> {
        let mut journey = Journey::begin(visitor, Act::Data(raw.operation));
        let result = self.run_raw(&mut journey, raw).await;
        journey.end(self, result)
    }

    /// The same journey for a request that was made in process, as the console's are.
    pub async fn run(
        &self,
        caller: &Caller,
        client: &ClientName,
        request: ApiRequest,
    ) -> Result<Answer, Failure> {
        let operation = request.operation();
        self.wake(client).await;
        let visitor = Visitor::in_process(caller.clone(), client.clone());
        let trace = visitor.trace().clone();
        let mut journey = Journey::begin(visitor, Act::Data(operation));
        let result = self.run_parsed(&mut journey, request).await;
        journey.end_in_process(self, result).map_err(|error| {
            tracing::debug!(trace_id = %trace.trace_id, error = %error, "console request failed");
            Failure { error, trace_id: trace.trace_id }
        })
    }

    async fn run_raw(
        &self,
        journey: &mut Journey,
        raw: RawRequest,
    ) -> Result<ApiResponse, GatewayError> {
        let ticket = Ticket::of(journey.visitor(), &raw);
        if let Some(ticket) = &ticket
            && let Some((found, table)) = self.recall(journey.visitor(), ticket).await
        {
            return Ok(recalled(journey, &found, table));
        }
        let task = self.task_of_raw(journey, &raw).await?;
        let mut response = match task.plan.access() {
            Access::ReadOnly => {
                let wish = Wish { directive: raw.directive, ticket };
                self.read(journey, task, Words::Fetch, wish).await?
            }
            Access::ReadWrite => self.write(journey, task, raw.insert_window).await?,
        };
        response.headers.push(("server-timing", journey.timings().header().into()));
        Ok(response)
    }

    /// As it was done for others like it, or all the way.
    async fn task_of_raw(
        &self,
        journey: &mut Journey,
        raw: &RawRequest,
    ) -> Result<Task, GatewayError> {
        // Rows that are written together are told apart by their plans.
        let is_alone =
            raw.operation != Operation::Insert || !self.together().is_open_for(raw.insert_window);
        let sketched = is_alone.then(|| Sketch::of(journey.visitor(), raw, &raw.body));
        let mut sketch = sketched.flatten();
        if let Some(known) = &sketch {
            match self.repeated(journey, known).await {
                Repeated::Task(task) => {
                    journey.finish(Stage::Parse);
                    return Ok(task);
                }
                Repeated::Planned => sketch = None,
                Repeated::New => {}
            }
        }
        let request = self.parsed(journey.visitor(), raw, &raw.body)?;
        journey.finish(Stage::Parse);
        let limits = self.limits(journey.visitor());
        let task = self.task(journey, request, limits).await?;
        if let Some(sketch) = sketch {
            self.learn(journey.visitor(), raw, sketch, &task).await;
        }
        Ok(task)
    }

    async fn run_parsed(
        &self,
        journey: &mut Journey,
        request: ApiRequest,
    ) -> Result<Answer, GatewayError> {
        let limits = self.limits(journey.visitor());
        let task = self.task(journey, request, limits).await?;
        let mut rows = BytesMut::new();
        let outcome = match task.plan.access() {
            Access::ReadOnly => {
                let ran = task.run(&mut rows).await;
                journey.finish(Stage::Execute);
                ran?
            }
            Access::ReadWrite => self.change(journey, &task, Company::None, &mut rows).await?,
        };
        journey.returned(outcome.returned);
        Ok(Answer {
            rows: rows.freeze(),
            outcome,
            plan: Arc::unwrap_or_clone(task.plan),
            timings: journey.timings().clone(),
            trace: journey.trace().clone(),
        })
    }

    /// Plan, permit, render.
    async fn task(
        &self,
        journey: &mut Journey,
        request: ApiRequest,
        limits: PlanLimits,
    ) -> Result<Task, GatewayError> {
        let (upstream, schema, plan) =
            plan::resolve(self, journey.visitor(), request, limits).await?;
        journey.touches(plan.table().name.name.clone());
        journey.finish(Stage::Plan);
        let permit = plan::permit(journey.visitor(), &upstream, &schema, &plan)?;
        journey.finish(Stage::Permit);
        let time = self.time_for(&upstream);
        let task = Task::render((upstream, schema), plan, permit, time)?;
        journey.finish(Stage::Render);
        Ok(task)
    }

    /// The longest a statement may run for this client.
    pub(crate) fn time_for(&self, upstream: &Upstream) -> Duration {
        let info = upstream.info();
        let own = info.statement_timeout;
        let time = match upstream.terms() {
            // The client's own limit holds only where it is the lower one.
            Some(terms) => own.map_or(terms.query_timeout(), |own| own.min(terms.query_timeout())),
            None => own.unwrap_or(self.settings().statement_timeout),
        };
        info.tuning.deadline.map_or(time, |deadline| deadline.min(time))
    }
}
