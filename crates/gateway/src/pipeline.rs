//! A request's journey, one stage after the other, each timed under its own name.

mod observed;
mod plan;

use crate::{
    Gateway,
    access::Visitor,
    error::{Failure, GatewayError},
    ids::Trace,
    registry::Upstream,
    timings::{Stage, Timings},
};
use api_types::ClientName;
use auth::{Caller, Permit};
use backend::{BackendError, Outcome};
use bytes::{Bytes, BytesMut};
use observed::Journey;
use query::{
    ApiRequest, ApiResponse, Operation, Plan, Statement, request,
    response::{self, Counted},
};
use std::time::Duration;

/// A data request as it arrived, after its sender was let in.
#[derive(Debug, Clone)]
pub struct RawRequest {
    pub operation: Operation,
    pub body: Bytes,
    /// The header's wish; the body may have the same one.
    pub strip_nulls: bool,
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

/// A plan that may be run, and where.
struct Permitted {
    upstream: std::sync::Arc<Upstream>,
    plan: Plan,
    permit: Permit,
}

impl Gateway {
    /// From a body to a body: what every data route calls.
    pub async fn serve(
        &self,
        visitor: Visitor,
        raw: RawRequest,
    ) -> Result<ApiResponse, GatewayError> {
        let mut journey = Journey::begin(visitor, raw.operation);
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
        let visitor = Visitor::in_process(caller.clone(), client.clone());
        let trace = visitor.trace().clone();
        let mut journey = Journey::begin(visitor, operation);
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
        let mut request = request::parse(raw.operation, &raw.body, &self.settings().parse)?;
        if let ApiRequest::Read(read) = &mut request {
            read.strip_nulls |= raw.strip_nulls;
        }
        journey.finish(Stage::Parse);
        let permitted = self.permitted(journey, request).await?;
        let mut body = response::open(&permitted.plan);
        let outcome = self.execute(journey, &permitted, &mut body).await?;
        let request_id = journey.trace().request_id.as_str();
        let counted = Counted {
            returned: outcome.returned,
            affected: outcome.affected,
            count: outcome.count,
        };
        let mut built = response::build(&permitted.plan, &counted, body, request_id)?;
        journey.finish(Stage::Build);
        built.headers.push(("server-timing", journey.timings().to_string()));
        Ok(built)
    }

    async fn run_parsed(
        &self,
        journey: &mut Journey,
        request: ApiRequest,
    ) -> Result<Answer, GatewayError> {
        let permitted = self.permitted(journey, request).await?;
        let mut rows = BytesMut::new();
        let outcome = self.execute(journey, &permitted, &mut rows).await?;
        Ok(Answer {
            rows: rows.freeze(),
            outcome,
            plan: permitted.plan,
            timings: journey.timings().clone(),
            trace: journey.trace().clone(),
        })
    }

    async fn permitted(
        &self,
        journey: &mut Journey,
        request: ApiRequest,
    ) -> Result<Permitted, GatewayError> {
        let (upstream, plan) = plan::resolve(self, journey.visitor(), request).await?;
        journey.planned(&plan);
        journey.finish(Stage::Plan);
        let permit = plan::permit(journey.visitor(), &plan)?;
        journey.finish(Stage::Permit);
        Ok(Permitted { upstream, plan, permit })
    }

    async fn execute(
        &self,
        journey: &mut Journey,
        permitted: &Permitted,
        out: &mut BytesMut,
    ) -> Result<Outcome, GatewayError> {
        let Permitted { upstream, plan, permit } = permitted;
        let backend = upstream.backend();
        let statement = backend.render(plan)?;
        let counting = backend.render_count(plan)?;
        journey.finish(Stage::Render);
        let deadline =
            upstream.info().statement_timeout.unwrap_or(self.settings().statement_timeout);
        let rows = backend.execute(permit, &statement, deadline, out);
        let count = count(upstream, permit, counting.as_ref(), deadline);
        let result = tokio::try_join!(rows, count);
        journey.finish(Stage::Execute);
        let (outcome, count) = result.map_err(|source| {
            note(upstream, &source);
            GatewayError::Backend { source, operation: journey.operation() }
        })?;
        let outcome = Outcome { count: count.or(outcome.count), ..outcome };
        journey.returned(outcome.returned);
        Ok(outcome)
    }
}

async fn count(
    upstream: &Upstream,
    permit: &Permit,
    statement: Option<&Statement>,
    deadline: Duration,
) -> Result<Option<u64>, BackendError> {
    match statement {
        Some(statement) => upstream.backend().count(permit, statement, deadline).await.map(Some),
        None => Ok(None),
    }
}

/// Learn from a failure: a dead database, or a schema that has moved on.
fn note(upstream: &Upstream, error: &BackendError) {
    match error {
        BackendError::Unreachable { .. } => upstream.suspect(),
        BackendError::Database(database) if is_stale(&database.sqlstate) => {
            upstream.ask();
        }
        _ => {}
    }
}

/// Undefined table or column, or a type that is no longer what it was.
fn is_stale(sqlstate: &str) -> bool {
    matches!(sqlstate, "42P01" | "42703" | "42704" | "42804")
}
