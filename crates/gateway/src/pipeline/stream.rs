//! A read whose rows are handed on while they come, one JSON object a line.

use super::{OperationError, RawRequest, observed::Journey, script::RawSql, task::Task};
use crate::{
    Gateway,
    access::Visitor,
    error::GatewayError,
    federation::gates,
    observe::Act,
    registry::Upstream,
    resilience::{Attempts, Turn},
    timings::Stage,
};
use backend::{BackendError, Chunks, RowFormat};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use query::{Access, ApiRequest, Operation, Statement, request, sql::Script};
use serde_json::{Map, Value, json};
use std::{pin::Pin, sync::Arc, time::Duration};

/// Why a stream that had begun does not end well. What there is to say stands in its last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the rows broke off")]
pub struct RowsBroke;

/// Rows on their way, and the headers that go before them.
pub struct Streamed {
    pub headers: query::response::Headers,
    /// An error must not look like an end: whoever sends these breaks the connection off.
    pub lines: Pin<Box<dyn Stream<Item = Result<Bytes, RowsBroke>> + Send>>,
}

/// The stream's state between two pieces.
struct Flow {
    gateway: Gateway,
    journey: Option<Journey>,
    chunks: Chunks,
    first: Option<Bytes>,
    rows: u64,
    bytes: usize,
    max_rows: u64,
    _turn: Turn,
}

enum Next {
    Flow(Box<Flow>),
    /// The last line was sent.
    Broken,
    End,
}

impl Gateway {
    /// Stream what a fetch asks for; without a limit, every row up to the most there may be.
    pub async fn stream(
        &self,
        visitor: Visitor,
        raw: RawRequest,
    ) -> Result<Streamed, GatewayError> {
        let mut journey = Journey::begin(visitor, Act::Data(Operation::Fetch));
        let began = Box::pin(self.begin_fetch(&mut journey, raw)).await;
        self.flowing(journey, began)
    }

    /// Stream the rows of one plain query.
    pub async fn stream_sql(
        &self,
        visitor: Visitor,
        raw: RawSql,
    ) -> Result<Streamed, GatewayError> {
        let mut journey = Journey::begin(visitor, raw.door.act());
        let began = Box::pin(self.begin_sql(&mut journey, &raw)).await;
        self.flowing(journey, began)
    }

    async fn begin_fetch(
        &self,
        journey: &mut Journey,
        raw: RawRequest,
    ) -> Result<(Chunks, Option<Bytes>, Turn), GatewayError> {
        let mut request = request::parse(
            raw.operation,
            &raw.body,
            &self.parse_options(journey.visitor().client()),
        )?;
        if raw.strip_nulls {
            request.strip_nulls();
        }
        if let Some(case) = raw.response_case {
            request.set_response_case(case);
        }
        if let ApiRequest::Read(read) = &mut request
            && !names_limit(&raw.body)
        {
            read.window.limit = self.limits_of_streams(journey.visitor()).max_rows;
        }
        journey.finish(Stage::Parse);
        let limits = self.limits_of_streams(journey.visitor());
        let task = self.task(journey, request, limits).await?;
        // Groups and counts need every row before they can say anything.
        if task.plan.grouping().is_some() || task.count.is_some() {
            return Err(OperationError::NotStreamed.into());
        }
        open(journey, &task, &task.rows).await
    }

    async fn begin_sql(
        &self,
        journey: &mut Journey,
        raw: &RawSql,
    ) -> Result<(Chunks, Option<Bytes>, Turn), GatewayError> {
        let script = Script::parse(&raw.text)?;
        journey.finish(Stage::Parse);
        let limits = self.limits_of_streams(journey.visitor());
        if let Some(task) = self.recognised(journey, raw, limits).await? {
            return open(journey, &task, &task.rows).await;
        }
        let visitor = journey.visitor();
        let permit = auth::Permit::for_right(visitor.caller(), visitor.client(), raw.door.right())?;
        let upstream = self.registry().get(visitor.client())?;
        gates::raw_sql(visitor, &upstream)?;
        let statement = script.single().filter(|_| raw.params.is_empty());
        let statement = statement.and_then(|one| Statement::plain_read(one, raw.strip_nulls));
        let statement = statement.ok_or(OperationError::NotStreamed)?;
        journey.finish(Stage::Permit);
        let time = self.time_for(&upstream);
        first(journey, &upstream, &permit, &statement, time).await
    }

    fn flowing(
        &self,
        journey: Journey,
        began: Result<(Chunks, Option<Bytes>, Turn), GatewayError>,
    ) -> Result<Streamed, GatewayError> {
        let (chunks, first, turn) = match began {
            Ok(began) => began,
            Err(error) => {
                journey.failed(self, &error);
                return Err(error);
            }
        };
        let headers = vec![
            ("content-type", "application/x-ndjson".into()),
            ("cache-control", "private, no-store".into()),
            ("server-timing", journey.timings().header().into()),
        ];
        let max_rows = self.limits_of_streams(journey.visitor()).max_rows;
        let flow = Flow {
            gateway: self.clone(),
            journey: Some(journey),
            chunks,
            first,
            rows: 0,
            bytes: 0,
            max_rows,
            _turn: turn,
        };
        let lines = stream::unfold(Next::Flow(Box::new(flow)), step);
        Ok(Streamed { headers, lines: Box::pin(lines) })
    }
}

async fn open(
    journey: &mut Journey,
    task: &Task,
    statement: &Statement,
) -> Result<(Chunks, Option<Bytes>, Turn), GatewayError> {
    first(journey, &task.upstream, &task.permit, statement, task.time).await
}

/// Until the first rows are there, a failure is an answer like any other.
async fn first(
    journey: &mut Journey,
    upstream: &Arc<Upstream>,
    permit: &auth::Permit,
    statement: &Statement,
    time: Duration,
) -> Result<(Chunks, Option<Bytes>, Turn), GatewayError> {
    let mut attempts = Attempts::begin(upstream, Access::ReadOnly, time)
        .map_err(|refused| GatewayError::turned_away(upstream.name(), refused))?;
    loop {
        let left = attempts.left();
        let statement = statement.clone();
        let chunks = upstream.backend().stream(permit, statement, RowFormat::Lines, left);
        let mut chunks = told(chunks, upstream, time);
        let result = chunks.next().await.transpose();
        let Some(result) = attempts.settle(result).await else { continue };
        journey.finish(Stage::Execute);
        let first = result.map_err(|source| GatewayError::Backend { source, operation: None })?;
        return Ok((chunks, first, attempts.into_turn()));
    }
}

/// A failure in the middle is told in the same words as one at the beginning.
fn told(chunks: Chunks, upstream: &Upstream, limit: Duration) -> Chunks {
    let Some(terms) = upstream.shared_terms() else { return chunks };
    let chunks = chunks.map(move |piece| piece.map_err(|error| terms.told(error, limit)));
    Box::pin(chunks)
}

async fn step(next: Next) -> Option<(Result<Bytes, RowsBroke>, Next)> {
    let mut flow = match next {
        Next::Flow(flow) => flow,
        Next::Broken => return Some((Err(RowsBroke), Next::End)),
        Next::End => return None,
    };
    let piece = match flow.first.take() {
        Some(first) => Some(Ok(first)),
        None => flow.chunks.next().await,
    };
    match piece {
        None => {
            flow.end(None);
            None
        }
        Some(Ok(bytes)) => {
            flow.rows += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            flow.bytes += bytes.len();
            if flow.rows > flow.max_rows {
                let limit = flow.max_rows;
                return Some((
                    Ok(flow.broken(OperationError::TooManyRows { limit }.into())),
                    Next::Broken,
                ));
            }
            Some((Ok(bytes), Next::Flow(flow)))
        }
        Some(Err(source)) => Some((Ok(flow.broken(backend(source))), Next::Broken)),
    }
}

fn backend(source: BackendError) -> GatewayError {
    GatewayError::Backend { source, operation: None }
}

impl Flow {
    /// The last line of a stream that does not end well.
    fn broken(&mut self, error: GatewayError) -> Bytes {
        let problem = error.problem();
        let trace_id = self.journey.as_ref().map(|journey| journey.trace().trace_id.to_string());
        tracing::warn!(trace_id, code = problem.code, error = %error, "a stream broke off");
        let mut told = Map::new();
        told.insert("code".to_owned(), problem.code.into());
        told.insert("message".to_owned(), problem.message.into());
        told.insert("status_code".to_owned(), problem.status.into());
        told.insert("trace_id".to_owned(), trace_id.into());
        if !problem.details.is_empty() {
            told.insert("details".to_owned(), Value::Object(problem.details));
        }
        self.end(Some(&error));
        Bytes::from(format!("{}\n", json!({ "error": told })))
    }

    fn end(&mut self, error: Option<&GatewayError>) {
        if let Some(mut journey) = self.journey.take() {
            journey.finish(Stage::Execute);
            journey.returned(self.rows);
            journey.streamed(&self.gateway, error, self.bytes);
        }
    }
}

impl Drop for Flow {
    /// The reader went away; the statement is cancelled with the chunks.
    fn drop(&mut self) {
        self.end(Some(&OperationError::ReaderLeft.into()));
    }
}

/// Whether the body says itself how many rows it wants.
fn names_limit(body: &[u8]) -> bool {
    let fields: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    ["limit", "page_size", "pageSize"]
        .iter()
        .any(|name| fields.get(*name).is_some_and(|value| !value.is_null()))
}
