//! How many rows there are: of a table, or of whatever a caller's own count says.

use super::{OperationError, observed::Journey, script::plain};
use crate::{
    Gateway,
    access::Visitor,
    answers::{self, Form},
    error::GatewayError,
    federation::gates,
    observe::Act,
    registry::Upstream,
    resilience::Attempts,
    timings::Stage,
};
use auth::Permit;
use backend::{BackendError, ScriptRun};
use bytes::{Bytes, BytesMut};
use cache::{Answer, Directive, Lookup, Scope};
use query::{
    Access, ApiRequest, ApiResponse, Operation, Statement, request,
    response::script::{self, CountTold},
    sql::Script,
    statement::RowsWanted,
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// What is to be counted.
#[derive(Debug, Clone)]
pub enum CountOf {
    /// A table's rows, as a fetch names and filters them.
    Table { body: Bytes, estimate: bool },
    /// The number that this one statement answers with.
    Query { text: String },
}

/// Counting SQL is SQL.
const RIGHT: &str = "gateway.sql";

/// One count with all it needs, so that it can go on without who asked for it.
struct Counting {
    upstream: Arc<Upstream>,
    permit: Arc<Permit>,
    what: What,
    time: std::time::Duration,
}

enum What {
    Rows(Statement),
    Answer(Script),
}

impl Gateway {
    pub async fn serve_count(
        &self,
        visitor: Visitor,
        of: CountOf,
        directive: Directive,
    ) -> Result<ApiResponse, GatewayError> {
        let mut journey = Journey::begin(visitor, Act::Count);
        let result = Box::pin(self.run_count(&mut journey, of, directive)).await;
        journey.end(self, result)
    }

    async fn run_count(
        &self,
        journey: &mut Journey,
        of: CountOf,
        directive: Directive,
    ) -> Result<ApiResponse, GatewayError> {
        let (counting, lookup) = match of {
            CountOf::Query { text } => self.count_query(journey, &text)?,
            CountOf::Table { body, estimate } => {
                let request = request::parse(
                    Operation::Fetch,
                    &body,
                    &self.parse_options(journey.visitor().client()),
                )?;
                journey.finish(Stage::Parse);
                let limits = self.settings().limits;
                let task = self.task(journey, ApiRequest::Read(counted(request)?), limits).await?;
                if let Some(rows) = task.plan.table().estimated_rows.filter(|_| estimate) {
                    return Ok(answer(journey, u64::try_from(rows).unwrap_or(0), None, true));
                }
                let reads = {
                    let table = task.stored(task.plan.table());
                    answers::read_scopes(journey.visitor().client(), table)
                };
                let Some(count) = task.count else { return Err(no_count().into()) };
                let lookup = lookup(journey, &task.upstream, &count, reads);
                let (upstream, permit, time) = (task.upstream, task.permit, task.time);
                (Counting { upstream, permit, what: What::Rows(count), time }, lookup)
            }
        };
        let Some(cache) = self.cache_for(&counting.upstream) else {
            let count = counting.run().await;
            journey.finish(Stage::Execute);
            return Ok(answer(journey, count?, None, false));
        };
        let patience = counting.upstream.patience(counting.time);
        let found = cache.read(&lookup, directive, patience, || async move {
            let count = counting.run().await?;
            let body = Bytes::from(count.to_string());
            Ok(Answer { status: 200, rows: 1, headers: Vec::new(), body })
        });
        let found = found.await;
        journey.finish(Stage::Cache);
        let found = found?;
        journey.found(&found);
        let digits = std::str::from_utf8(found.entry.body()).ok();
        let count = digits.and_then(|digits| digits.parse().ok()).ok_or(GatewayError::Abandoned)?;
        Ok(answer(journey, count, Some((&found, &lookup)), false))
    }

    fn count_query(
        &self,
        journey: &mut Journey,
        text: &str,
    ) -> Result<(Counting, Lookup), GatewayError> {
        let visitor = journey.visitor();
        let permit = Permit::for_right(visitor.caller(), visitor.client(), RIGHT)?;
        let upstream = self.registry().get(visitor.client())?;
        gates::raw_sql(visitor, &upstream)?;
        let script = Script::parse(text)?;
        let single = script.single().ok_or(OperationError::NotACount)?;
        single.must_read()?;
        let form = Form { surface: "count", shape: "count", strip_nulls: false };
        let client = visitor.client();
        // Which tables it looks at is the database's to know.
        let reads = vec![Scope::any_table(client)];
        let lookup = answers::lookup_text(visitor, &upstream, &form, single.text(), reads);
        let time = self.time_for(&upstream);
        journey.finish(Stage::Permit);
        let permit = Arc::new(permit);
        Ok((Counting { upstream, permit, what: What::Answer(script), time }, lookup))
    }
}

impl Counting {
    async fn run(&self) -> Result<u64, GatewayError> {
        self.upstream.looked_at().await?;
        let mut attempts = Attempts::begin(&self.upstream, Access::ReadOnly, self.time)
            .map_err(|refused| GatewayError::turned_away(self.upstream.name(), refused))?;
        loop {
            let left = attempts.left();
            let backend = self.upstream.backend();
            let result = match &self.what {
                What::Rows(statement) => {
                    backend.count(&self.permit, statement, left).await.map(Some)
                }
                What::Answer(script) => self.answer_of(script, left).await,
            };
            if let Some(result) = attempts.settle(result).await {
                let operation = None;
                let count = result.map_err(|source| GatewayError::Backend { source, operation })?;
                return Ok(count.ok_or(OperationError::NotACount)?);
            }
        }
    }

    /// The one number of the one row.
    async fn answer_of(
        &self,
        script: &Script,
        left: std::time::Duration,
    ) -> Result<Option<u64>, BackendError> {
        let run = ScriptRun {
            script,
            params: &[],
            access: Access::ReadOnly,
            max_rows: 2,
            rows: RowsWanted::Objects,
        };
        let mut body = BytesMut::new();
        self.upstream.backend().run_script(&self.permit, run, left, &mut body).await?;
        let rows: Vec<Map<String, Value>> = serde_json::from_slice(&body).unwrap_or_default();
        Ok(match rows.as_slice() {
            [row] if row.len() == 1 => row.values().next().and_then(Value::as_u64),
            _ => None,
        })
    }
}

fn counted(request: ApiRequest) -> Result<query::request::ReadRequest, GatewayError> {
    match request {
        ApiRequest::Read(request) => Ok(query::request::ReadRequest { count: true, ..request }),
        _ => Err(no_count().into()),
    }
}

fn no_count() -> query::RenderError {
    query::RenderError::NotSupported { what: "exact counts" }
}

fn lookup(journey: &Journey, upstream: &Upstream, count: &Statement, reads: Vec<Scope>) -> Lookup {
    let form = Form { surface: "count", shape: "count", strip_nulls: false };
    answers::lookup(journey.visitor(), upstream, &form, (count, None), reads)
}

fn answer(
    journey: &mut Journey,
    count: u64,
    kept: Option<(&cache::Found, &Lookup)>,
    is_estimate: bool,
) -> ApiResponse {
    journey.returned(1);
    let key = kept.map(|(_, lookup)| format!("query_count:{}", lookup.key()));
    let told = CountTold {
        count,
        client: journey.visitor().client().as_str(),
        took: journey.timings().total(),
        cache_key: key.as_deref(),
        outcome: kept.map(|(found, _)| found.outcome.label()),
        is_estimate,
    };
    let mut response = script::count(&told);
    journey.finish(Stage::Build);
    if let Some((found, _)) = kept {
        answers::mark(&mut response, found);
    }
    if let Some(key) = key {
        response.headers.push(("x-athena-cache-key", key.into()));
    }
    plain(&mut response, journey);
    response
}
