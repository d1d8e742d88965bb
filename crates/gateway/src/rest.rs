//! The PostgREST surface: a request's journey in PostgREST's language, as the caller's role.

mod cap;
mod door;
mod exposed;
mod frame;
mod permits;
mod refusal;
mod roles;
mod root;
mod run;
mod seen;
mod settings;
mod state;

pub use door::RestVisitor;
pub use postgrest::{Kind as RestTarget, OpenApiMode, TxEnd};
pub use refusal::RestRefusal;
pub use settings::{JwtSettings, RestOptions, RestSettings, RestSetupError};
pub(crate) use state::RestState;

use crate::{
    Gateway, error::GatewayError, observe::Act, pipeline::observed::Journey, timings::Stage,
};
use bytes::Bytes;
use exposed::Exposed;
use http::{HeaderMap, HeaderValue, Method};
use postgrest::{Plan, RawRequest, Request, RestError, schema::SchemaError};
use query::Operation;

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
        if let Ok(timings) = HeaderValue::try_from(journey.timings().header()) {
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
        let exposed = Exposed::by(&visitor.upstream, request).await?;
        // Whoever may not touch what they named is told that, and not whether it exists; and nothing
        // of what they sent is worked on.
        permits::typed(visitor, request, &exposed)?;
        let planned = planned(journey, visitor, &exposed, request).await;
        journey.finish(Stage::Plan);
        let plan = match planned {
            Ok(Plan::Database(plan)) => plan,
            Ok(Plan::Document(plan)) => {
                return self.describe(journey, visitor, request, (&plan, &exposed), address).await;
            }
            Ok(Plan::Answer(response)) => return Ok(response.into()),
            Err(error) => {
                return Err(permits::hidden(visitor, request, &exposed, &error).unwrap_or(error));
            }
        };
        let touches = plan.touches();
        if let Some(touch) = touches.iter().max_by_key(|touch| touch.right) {
            journey.touches(touch.relation.name.clone());
        }
        let permit = permits::of(visitor, &plan, &touches)?;
        permits::gates(visitor, &plan, &touches)?;
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
    visitor: &RestVisitor,
    exposed: &Exposed,
    request: &RestRequest,
) -> Result<Plan, RestRefusal> {
    let upstream = &visitor.upstream;
    let config = &*exposed.config;
    let RestRequest { method, target, query, headers, body } = request;
    let raw = RawRequest { method, kind: target, query, headers, body };
    let parsed = Request::parse(&raw, config)?;
    journey.finish(Stage::Parse);
    let cache = upstream.rest_schema(&exposed.known).await?;
    let planned = postgrest::plan(parsed, &cache, config);
    let may_be_new = match &planned {
        Err(error) => is_about_names(error),
        Ok(Plan::Database(plan)) => permits::may_call_for_rows(visitor, plan).is_err(),
        Ok(_) => false,
    };
    if may_be_new && upstream.refresh_rest(&exposed.known).await {
        let cache = upstream.rest_schema(&exposed.known).await?;
        return Ok(postgrest::plan(Request::parse(&raw, config)?, &cache, config)?);
    }
    Ok(planned?)
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

/// What the database refused, in PostgREST's words.
fn refused(visitor: &RestVisitor, error: GatewayError) -> RestRefusal {
    let GatewayError::Backend { source: backend::BackendError::Database(database), .. } = &error
    else {
        return error.into();
    };
    let anon = visitor.upstream.info().rest.options.anon_role.clone();
    let is_authenticated = visitor.role.is_some() && visitor.role != anon;
    let backend::DatabaseError { sqlstate, message, detail, hint, .. } = (**database).clone();
    let error = postgrest::DatabaseError { sqlstate, message, detail, hint, is_authenticated };
    RestError::from(Box::new(error)).into()
}
