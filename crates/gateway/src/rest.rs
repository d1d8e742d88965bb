//! The PostgREST surface: a request's journey in PostgREST's language, as the caller's role.

mod door;
mod frame;
mod refusal;
mod roles;
mod root;
mod run;
mod settings;
mod state;

pub use door::RestVisitor;
pub use postgrest::{Kind as RestTarget, OpenApiMode, TxEnd};
pub use refusal::RestRefusal;
pub use settings::{JwtSettings, RestOptions, RestSettings, RestSetupError};
pub(crate) use state::RestState;

use crate::{
    Gateway, error::GatewayError, observe::Act, pipeline::observed::Journey, registry::Upstream,
    timings::Stage,
};
use auth::{Action, Permit};
use bytes::Bytes;
use catalog::{Ident, QualifiedName};
use http::{HeaderMap, HeaderValue, Method};
use postgrest::{
    DatabasePlan, Plan, RawRequest, Request, RestError, Right, Touch, schema::SchemaError,
};
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

/// A request as it arrived, after its sender was let in.
#[derive(Debug, Clone)]
pub struct RestRequest {
    pub method: Method,
    pub target: RestTarget,
    /// Without the question mark, as it was sent.
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
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
        let planned = planned(journey, &visitor.upstream, request).await;
        journey.finish(Stage::Plan);
        let plan = match planned {
            Ok(Plan::Database(plan)) => plan,
            Ok(Plan::Document(plan)) => {
                return self.describe(journey, visitor, request, &plan, address).await;
            }
            Ok(Plan::Answer(response)) => {
                typed(visitor, request)?;
                return Ok(response.into());
            }
            // Whoever may not touch what they named is told that, and not whether it exists.
            Err(error) => return Err(typed(visitor, request).err().unwrap_or(error)),
        };
        let touches = plan.touches();
        if let Some(touch) = touches.iter().max_by_key(|touch| touch.right) {
            journey.touches(&touch.relation);
        }
        let permit = permitted(visitor, &plan, &touches)?;
        journey.finish(Stage::Permit);
        self.converse(journey, visitor, request, &plan, &permit).await
    }
}

impl From<postgrest::Response> for RestAnswer {
    fn from(response: postgrest::Response) -> Self {
        let postgrest::Response { status, headers, body } = response;
        Self { status: status.as_u16(), headers, body, code: None }
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
async fn planned(
    journey: &mut Journey,
    upstream: &Arc<Upstream>,
    request: &RestRequest,
) -> Result<Plan, RestRefusal> {
    let config = &upstream.info().rest.config;
    let RestRequest { method, target, query, headers, body } = request;
    let raw = RawRequest { method, kind: target, query, headers, body };
    let parsed = Request::parse(&raw, config)?;
    journey.finish(Stage::Parse);
    let cache = upstream.rest_schema().await?;
    match postgrest::plan(parsed.clone(), &cache, config) {
        Err(error) if is_about_names(&error) && upstream.refresh_rest().await => {
            let cache = upstream.rest_schema().await?;
            Ok(postgrest::plan(parsed, &cache, config)?)
        }
        answer => Ok(answer?),
    }
}

/// Something that was named is not there, as far as is known.
fn is_about_names(error: &RestError) -> bool {
    let RestError::Schema(error) = error else { return false };
    matches!(
        error,
        SchemaError::NoTable { .. }
            | SchemaError::NoColumn { .. }
            | SchemaError::NoRelationship { .. }
            | SchemaError::NoRoutine { .. }
    )
}

/// Each relation that the plan touches, and the call itself, need a right of their own.
fn permitted(
    visitor: &RestVisitor,
    plan: &DatabasePlan,
    touches: &[Touch],
) -> Result<Permit, RestRefusal> {
    let (caller, client) = (visitor.visitor.caller(), visitor.visitor.client());
    let mut permit = None;
    if plan.routine().is_some() {
        permit = Some(Permit::for_right(caller, client, CALL)?);
    }
    for touch in touches {
        let action = action(touch.right);
        permit = Some(Permit::for_relation(caller, client, &touch.relation, action)?);
    }
    match permit {
        Some(permit) => Ok(permit),
        // It touches nothing that has a name.
        None => Ok(Permit::for_right(caller, client, "gateway.read")?),
    }
}

fn action(right: Right) -> Action {
    match right {
        Right::Read => Action::Read,
        Right::Insert | Right::Update => Action::Write,
        Right::Delete => Action::Delete,
    }
}

/// May they touch what they named, whether or not there is such a thing?
fn typed(visitor: &RestVisitor, request: &RestRequest) -> Result<(), RestRefusal> {
    let (caller, client) = (visitor.visitor.caller(), visitor.visitor.client());
    let name = match &request.target {
        RestTarget::Relation(name) => name,
        RestTarget::Routine(_) => return Ok(drop(Permit::for_right(caller, client, CALL)?)),
        RestTarget::Root => return root::permit(visitor).map(drop),
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
    let anon = &visitor.upstream.info().rest.options.anon_role;
    let is_authenticated = visitor.role.is_some() && visitor.role != *anon;
    let backend::DatabaseError { sqlstate, message, detail, hint, .. } = (**database).clone();
    let error = postgrest::DatabaseError { sqlstate, message, detail, hint, is_authenticated };
    RestError::from(Box::new(error)).into()
}
