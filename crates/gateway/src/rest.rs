//! The PostgREST surface: a request's journey in PostgREST's language, as the caller's role.

mod door;
mod frame;
mod language;
mod refusal;
mod roles;
mod root;
mod run;
mod settings;
mod state;

pub use door::RestVisitor;
pub use language::{RawRequest as RestRequest, Target as RestTarget};
pub use refusal::RestRefusal;
pub use settings::{JwtSettings, OpenApiMode, RestOptions, RestSettings, RestSetupError, TxEnd};
pub(crate) use state::RestState;

use crate::{
    Gateway, error::GatewayError, observe::Act, pipeline::observed::Journey, registry::Upstream,
    timings::Stage,
};
use auth::{Action, Permit};
use bytes::Bytes;
use catalog::{Ident, QualifiedName};
use http::{HeaderMap, HeaderValue, Method};
use language::{Plan, RestError, Touch};
use query::Operation;
use std::sync::Arc;

/// A finished answer, good or bad.
#[derive(Debug, Clone)]
pub struct RestAnswer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// An error's.
    pub code: Option<String>,
}

/// Where the surface is reached, as its own description says.
#[derive(Debug, Clone)]
pub struct RestAddress {
    pub version: &'static str,
    pub scheme: String,
    pub host: String,
    pub base_path: String,
}

/// Functions are called with this right, and with those of the tables they answer from.
const CALL: &str = "gateway.rpc.execute";

impl Gateway {
    /// From a request to an answer.
    pub async fn serve_rest(
        &self,
        visitor: RestVisitor,
        request: RestRequest,
        address: &RestAddress,
    ) -> RestAnswer {
        let mut journey = Journey::begin(visitor.visitor.clone(), act(&request));
        let result = Box::pin(self.run_rest(&mut journey, &visitor, &request, address)).await;
        let mut answer = result.unwrap_or_else(|refusal| refusal.answer());
        if let Ok(timings) = HeaderValue::try_from(journey.timings().to_string()) {
            answer.headers.insert("server-timing", timings);
        }
        journey.answered(self, answer.status, answer.code.as_deref(), answer.body.len());
        answer
    }

    async fn run_rest(
        &self,
        journey: &mut Journey,
        visitor: &RestVisitor,
        request: &RestRequest,
        address: &RestAddress,
    ) -> Result<RestAnswer, RestRefusal> {
        let upstream = &visitor.upstream;
        if request.target == RestTarget::Root {
            return self.describe(journey, visitor, request, address).await;
        }
        let plan = planned(upstream, request).await;
        journey.finish(Stage::Plan);
        let plan = match plan {
            Ok(plan) => plan,
            // Whoever may not touch what they named is told that, and not whether it exists.
            Err(error) => return Err(typed(visitor, request).err().unwrap_or(error)),
        };
        let permit = permitted(visitor, &plan)?;
        journey.finish(Stage::Permit);
        if let Some((name, _)) = plan.touches().first() {
            journey.touches(name);
        }
        let answer = self.converse(journey, visitor, request, &plan, &permit).await?;
        journey.finish(Stage::Build);
        Ok(answer)
    }
}

fn act(request: &RestRequest) -> Act {
    let reads = || [Method::GET, Method::HEAD, Method::OPTIONS].contains(&request.method);
    match &request.target {
        RestTarget::Root => Act::RestRoot,
        RestTarget::Routine(_) => Act::RestCall,
        RestTarget::Relation(_) if reads() => Act::Rest(Operation::Fetch),
        RestTarget::Relation(_) => Act::Rest(match request.method {
            Method::DELETE => Operation::Delete,
            Method::PATCH => Operation::Update,
            _ => Operation::Insert,
        }),
    }
}

/// A name that is not known may be a new one.
async fn planned(upstream: &Arc<Upstream>, request: &RestRequest) -> Result<Plan, RestRefusal> {
    let options = &upstream.info().rest.options;
    let cache = upstream.rest_schema().await?;
    match language::plan(request, &cache, options) {
        Err(error) if error.names_unknown() && upstream.refresh_rest().await => {
            let cache = upstream.rest_schema().await?;
            Ok(language::plan(request, &cache, options)?)
        }
        answer => Ok(answer?),
    }
}

/// Each relation that the plan touches, and the call itself, need a right of their own.
fn permitted(visitor: &RestVisitor, plan: &Plan) -> Result<Permit, RestRefusal> {
    let (caller, client) = (visitor.visitor.caller(), visitor.visitor.client());
    let mut permit = None;
    if plan.routine().is_some() {
        permit = Some(Permit::for_right(caller, client, CALL)?);
    }
    for (name, touch) in plan.touches() {
        permit = Some(Permit::for_relation(caller, client, &name, action(touch))?);
    }
    match permit {
        Some(permit) => Ok(permit),
        // It touches nothing that has a name.
        None => Ok(Permit::for_right(caller, client, "gateway.read")?),
    }
}

fn action(touch: Touch) -> Action {
    match touch {
        Touch::Read => Action::Read,
        Touch::Write => Action::Write,
        Touch::Delete => Action::Delete,
    }
}

/// May they touch what they named, whether or not there is such a thing?
fn typed(visitor: &RestVisitor, request: &RestRequest) -> Result<(), RestRefusal> {
    let (caller, client) = (visitor.visitor.caller(), visitor.visitor.client());
    let RestTarget::Relation(name) = &request.target else {
        Permit::for_right(caller, client, CALL)?;
        return Ok(());
    };
    let action = match request.method {
        Method::GET | Method::HEAD | Method::OPTIONS => Action::Read,
        Method::DELETE => Action::Delete,
        _ => Action::Write,
    };
    let schema = visitor.upstream.info().rest.options.schemas.first();
    let schema = schema.and_then(|schema| Ident::parse(schema).ok());
    match (schema, Ident::parse(name)) {
        (Some(schema), Ok(name)) => {
            Permit::for_relation(caller, client, &QualifiedName::new(schema, name), action)?;
        }
        // What cannot be a table's name needs the right over every table.
        _ => drop(Permit::for_right(caller, client, &format!("gateway.{}", action.as_str()))?),
    }
    Ok(())
}

/// What the database refused, in PostgREST's words.
fn refused(visitor: &RestVisitor, error: GatewayError) -> RestRefusal {
    let GatewayError::Backend { source: backend::BackendError::Database(database), .. } = &error
    else {
        return error.into();
    };
    let is_known =
        visitor.role.is_some() && visitor.role != visitor.upstream.info().rest.options.anon_role;
    RestError::database(database, is_known).into()
}
