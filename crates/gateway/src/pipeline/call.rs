//! A routine's call.

use super::{observed::Journey, script::plain};
use crate::{
    Gateway, access::Visitor, error::GatewayError, observe::Act, registry::Upstream,
    resilience::Attempts, timings::Stage,
};
use auth::Permit;
use backend::Outcome;
use bytes::BytesMut;
use cache::Scope;
use query::{
    Access, ApiResponse, CallPlan, Statement,
    plan::{CallError, CallLimits},
    request::CallRequest,
    response::script::{self, CallTold},
};
use std::sync::Arc;

const RIGHT: &str = "gateway.rpc.execute";

impl Gateway {
    pub async fn serve_call(
        &self,
        visitor: Visitor,
        request: CallRequest,
    ) -> Result<ApiResponse, GatewayError> {
        let mut journey = Journey::begin(visitor, Act::Rpc);
        let result = Box::pin(self.run_call(&mut journey, request)).await;
        journey.end(self, result)
    }

    async fn run_call(
        &self,
        journey: &mut Journey,
        request: CallRequest,
    ) -> Result<ApiResponse, GatewayError> {
        let visitor = journey.visitor();
        // Before anything is looked up, so that strangers learn nothing of what there is.
        let permit = Permit::for_right(visitor.caller(), visitor.client(), RIGHT)?;
        journey.finish(Stage::Permit);
        let upstream = self.registry().get(journey.visitor().client())?;
        let plan = self.resolve_call(&upstream, request).await?;
        journey.touches(plan.routine().name.name.clone());
        journey.finish(Stage::Plan);
        let statement = upstream.backend().render_call(&plan)?;
        journey.finish(Stage::Render);
        let mut body = script::open_query();
        let opening = body.len();
        let mut outcome = self.called(journey, &upstream, &permit, &statement, &mut body).await?;
        if plan.only_counts() {
            body.truncate(opening);
            body.extend_from_slice(b"[]");
        }
        count_without_rows(&plan, &mut outcome);
        journey.returned(outcome.returned);
        let told = CallTold {
            function: plan.routine().name.name.as_str(),
            returned: outcome.returned,
            count: outcome.count.filter(|_| plan.wants_count()),
            clamped_to: plan.limit_clamped().then_some(plan.window().limit),
        };
        let mut response = script::call(body, &told, journey.trace().request_id.as_str());
        journey.finish(Stage::Build);
        plain(&mut response, journey);
        Ok(response)
    }

    async fn resolve_call(
        &self,
        upstream: &Upstream,
        request: CallRequest,
    ) -> Result<CallPlan, GatewayError> {
        let settings = self.settings();
        let limits =
            CallLimits { max_rows: settings.limits.max_rows, schemas: &settings.call_schemas };
        let cache = upstream.schema().await?;
        match CallPlan::resolve(request.clone(), &cache, limits) {
            // It may be a new one.
            Err(CallError::UnknownRoutine { .. } | CallError::NoOverload { .. }) => {
                upstream.refresh().await;
                let cache = upstream.schema().await?;
                Ok(CallPlan::resolve(request, &cache, limits)?)
            }
            answer => Ok(answer?),
        }
    }

    /// Nobody here has read what a routine does: unless it promises to change nothing, every answer
    /// of its client is stale afterwards.
    async fn called(
        &self,
        journey: &mut Journey,
        upstream: &Arc<Upstream>,
        permit: &Permit,
        statement: &Statement,
        body: &mut BytesMut,
    ) -> Result<Outcome, GatewayError> {
        let writing = (statement.access() == Access::ReadWrite).then(|| {
            let client = journey.visitor().client();
            self.answers().will_write(|| vec![Scope::client(client)])
        });
        let result = self.attempt_call(upstream, permit, statement, body).await;
        match (writing, &result) {
            (Some(writing), Ok(_)) => writing.written().await,
            (Some(writing), Err(error)) if error.surely_changed_nothing() => writing.unchanged(),
            (writing, _) => drop(writing),
        }
        journey.finish(Stage::Execute);
        result
    }

    async fn attempt_call(
        &self,
        upstream: &Upstream,
        permit: &Permit,
        statement: &Statement,
        body: &mut BytesMut,
    ) -> Result<Outcome, GatewayError> {
        let mut attempts =
            Attempts::begin(upstream, statement.access(), self.time_for(upstream))
                .map_err(|refused| GatewayError::turned_away(upstream.name(), refused))?;
        let start = body.len();
        loop {
            body.truncate(start);
            let left = attempts.left();
            let result = upstream.backend().execute(permit, statement, left, body).await;
            if let Some(result) = attempts.settle(result).await {
                return result.map_err(|source| GatewayError::Backend { source, operation: None });
            }
        }
    }
}

/// The count stands beside each row. Without a row at the beginning there is none at all.
fn count_without_rows(plan: &CallPlan, outcome: &mut Outcome) {
    if plan.only_counts() {
        (outcome.count, outcome.returned) = (Some(outcome.count.unwrap_or(0)), 0);
    } else if outcome.returned == 0 && plan.window().offset == 0 {
        outcome.count = Some(0);
    }
}
