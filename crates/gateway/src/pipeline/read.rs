//! A read: found among the kept answers, or made, by this caller or by one who came just before.

use super::{
    known::{Known, Ticket},
    observed::Journey,
    task::Task,
};
use crate::{
    Gateway,
    answers::{self, Form},
    error::GatewayError,
    timings::{Stage, Timings},
};
use bytes::BytesMut;
use cache::{Directive, Found, Lookup, ResponseCache};
use catalog::Ident;
use query::{
    ApiResponse, Plan,
    response::{
        self, Counted,
        script::{self, ScriptTold},
    },
};
use std::sync::{Arc, OnceLock};

/// In whose words a read is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// `/gateway/fetch`
    Fetch,
    /// `/gateway/query`, for SQL that is nothing but a read.
    Query,
}

/// What a caller wants of the kept answers.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) directive: Directive,
    /// To know the request by when it comes again.
    pub(super) ticket: Option<Ticket>,
}

/// The kept answer of a request that is known.
pub(super) fn recalled(journey: &mut Journey, found: &Found, table: Ident) -> ApiResponse {
    journey.touches(table);
    journey.finish(Stage::Cache);
    journey.found(found);
    let mut response = answers::response(found);
    response.headers.push(("server-timing", journey.timings().header().into()));
    response
}

impl Gateway {
    pub(super) async fn read(
        &self,
        journey: &mut Journey,
        task: Task,
        words: Words,
        wish: Wish,
    ) -> Result<ApiResponse, GatewayError> {
        let Some(cache) = self.cache_for(&task.upstream) else {
            let mut made = make(task, words, journey.timings().clone()).await?;
            *journey.timings_mut() = made.timings;
            journey.returned(made.rows);
            made.response.headers.push(("cache-control", "private".into()));
            return Ok(made.response);
        };
        let Wish { directive, ticket } = wish;
        if directive == Directive::Bypass {
            return pass(cache, journey, task, words).await;
        }
        let lookup = lookup(journey, &task, words);
        let known = ticket.map(|ticket| {
            let table = task.plan.table().name.name.clone();
            let (upstream, schema) = (&task.upstream, &task.schema);
            (ticket, Known::new(journey.visitor(), upstream, schema, lookup.clone(), table))
        });
        let found = find(cache, journey, &lookup, directive, (task, words)).await?;
        if let Some((ticket, known)) = known {
            self.remember(ticket, known).await;
        }
        Ok(found)
    }
}

/// Past the kept answers, for who asked for that: no key is made and no task of its own.
async fn pass(
    cache: &ResponseCache<GatewayError>,
    journey: &mut Journey,
    task: Task,
    words: Words,
) -> Result<ApiResponse, GatewayError> {
    let timings = journey.timings().clone();
    let mut ran = None;
    let work = async {
        let made = make(task, words, timings).await?;
        ran = Some(made.timings);
        Ok(answers::kept(made.response, made.rows))
    };
    let found = cache.pass(work).await;
    if let Some(timings) = ran {
        *journey.timings_mut() = timings;
    }
    journey.finish(Stage::Cache);
    let found = found?;
    journey.found(&found);
    Ok(answers::response(&found))
}

/// The one call of the cache, and what it took.
async fn find(
    cache: &ResponseCache<GatewayError>,
    journey: &mut Journey,
    lookup: &Lookup,
    directive: Directive,
    (task, words): (Task, Words),
) -> Result<ApiResponse, GatewayError> {
    let patience = task.upstream.patience(task.time);
    let mut ran: Option<Arc<OnceLock<Timings>>> = None;
    let found = cache
        .read(lookup, directive, patience, || {
            let clock = Arc::clone(ran.insert(Arc::default()));
            async move {
                let made = make(task, words, Timings::start()).await?;
                // Set once: this work is done once.
                let _ = clock.set(made.timings);
                Ok(answers::kept(made.response, made.rows))
            }
        })
        .await;
    journey.finish(Stage::Cache);
    if let Some(timings) = ran.as_deref().and_then(OnceLock::get) {
        journey.timings_mut().was_within(Stage::Cache, timings);
    }
    let found = found?;
    journey.found(&found);
    Ok(answers::response(&found))
}

fn lookup(journey: &Journey, task: &Task, words: Words) -> Lookup {
    let visitor = journey.visitor();
    let shape = task.plan.shape();
    let form = Form {
        surface: match words {
            Words::Fetch => "fetch",
            Words::Query => "query",
        },
        shape: &shape,
        strip_nulls: matches!(&*task.plan, Plan::Read(plan) if plan.strip_nulls()),
    };
    let relations = task.plan.relations().into_iter();
    let reads = relations
        .flat_map(|table| answers::read_scopes(visitor.client(), task.stored(table)))
        .collect();
    let statements = (&task.rows, task.count.as_ref());
    answers::lookup(visitor, &task.upstream, &form, statements, reads)
}

struct Made {
    response: ApiResponse,
    rows: u64,
    timings: Timings,
}

/// From the statement to the finished body. It holds nothing of the request that asked for it.
async fn make(task: Task, words: Words, mut timings: Timings) -> Result<Made, GatewayError> {
    let mut body = match words {
        Words::Fetch => response::open(&task.plan),
        Words::Query => script::open_query(),
    };
    let ran: Result<_, GatewayError> = task.run(&mut body).await;
    timings.finish(Stage::Execute);
    let outcome = ran?;
    let response = match words {
        Words::Fetch => build(&task.plan, outcome, body, "")?,
        Words::Query => script::query(body, &told(&task.plan, outcome.returned)),
    };
    timings.finish(Stage::Build);
    Ok(Made { response, rows: outcome.returned, timings })
}

/// Where SQL has no limit, ours is the limit, and the answer says that it was reached.
fn told(plan: &Plan, returned: u64) -> ScriptTold {
    let truncated = match plan {
        Plan::Read(plan) => plan.limit_clamped() && returned == plan.window().limit,
        Plan::Insert(_) | Plan::Update(_) | Plan::Delete(_) => false,
    };
    ScriptTold { statements: 1, rows_affected: 0, returned, truncated }
}

pub(super) fn build(
    plan: &Plan,
    outcome: backend::Outcome,
    body: BytesMut,
    request_id: &str,
) -> Result<ApiResponse, GatewayError> {
    let backend::Outcome { returned, affected, count } = outcome;
    Ok(response::build(plan, &Counted { returned, affected, count }, body, request_id)?)
}
