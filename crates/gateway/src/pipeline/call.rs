//! A routine's call.

mod reading;

use super::{observed::Journey, script::plain};
use crate::{
    Gateway, access::Visitor, error::GatewayError, federation::gates, observe::Act,
    registry::Upstream, timings::Stage,
};
use auth::Permit;
use backend::Outcome;
use bytes::BytesMut;
use cache::{Directive, Scope};
use query::{
    Access, ApiResponse, CallPlan,
    plan::{CallError, CallLimits},
    request::CallRequest,
    response::script::{self, CallTold},
};
use reading::Calling;

const RIGHT: &str = "gateway.rpc.execute";

impl Gateway {
    pub async fn serve_call(
        &self,
        visitor: Visitor,
        request: CallRequest,
        directive: Directive,
    ) -> Result<ApiResponse, GatewayError> {
        let mut journey = Journey::begin(visitor, Act::Rpc);
        let result = Box::pin(self.run_call(&mut journey, request, directive)).await;
        journey.end(self, result)
    }

    async fn run_call(
        &self,
        journey: &mut Journey,
        request: CallRequest,
        directive: Directive,
    ) -> Result<ApiResponse, GatewayError> {
        let visitor = journey.visitor();
        // Before anything is looked up, so that strangers learn nothing of what there is.
        let permit = Permit::for_right(visitor.caller(), visitor.client(), RIGHT)?;
        journey.finish(Stage::Permit);
        let upstream = self.registry().get(journey.visitor().client())?;
        let plan = self.resolve_call(journey.visitor(), &upstream, request).await?;
        journey.touches(plan.routine().name.name.clone());
        journey.finish(Stage::Plan);
        gates::call(&upstream, &plan)?;
        let statement = upstream.backend().render_call(&plan)?;
        journey.finish(Stage::Render);
        let time = self.time_for(&upstream);
        let calling = Calling { upstream, plan, permit, statement, time };
        let mut response = match calling.statement.access() {
            Access::ReadOnly => self.read_call(journey, calling, directive).await?,
            Access::ReadWrite => self.write_call(journey, &calling).await?,
        };
        plain(&mut response, journey);
        Ok(response)
    }

    async fn resolve_call(
        &self,
        visitor: &Visitor,
        upstream: &Upstream,
        mut request: CallRequest,
    ) -> Result<CallPlan, GatewayError> {
        let settings = self.settings();
        let max_rows = self.limits(visitor).max_rows;
        let limits = CallLimits { max_rows, schemas: &settings.call_schemas };
        let limits = gates::cap_call(upstream, &mut request, limits);
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
    async fn write_call(
        &self,
        journey: &mut Journey,
        calling: &Calling,
    ) -> Result<ApiResponse, GatewayError> {
        let client = journey.visitor().client();
        let writing = self.answers().will_write(|| vec![Scope::client(client)]);
        let mut body = script::open_query();
        let result = calling.run(&mut body).await;
        match &result {
            Ok(_) => writing.written().await,
            Err(error) if error.surely_changed_nothing() => writing.unchanged(),
            Err(_) => drop(writing),
        }
        journey.finish(Stage::Execute);
        let outcome = result?;
        journey.returned(outcome.returned);
        let response = answer(&calling.plan, outcome, body, journey.trace().request_id.as_str());
        journey.finish(Stage::Build);
        Ok(response)
    }
}

fn answer(plan: &CallPlan, outcome: Outcome, body: BytesMut, request_id: &str) -> ApiResponse {
    let told = CallTold {
        function: plan.routine().name.name.as_str(),
        returned: outcome.returned,
        count: outcome.count.filter(|_| plan.wants_count()),
        clamped_to: plan.limit_clamped().then_some(plan.window().limit),
    };
    script::call(body, &told, request_id)
}
