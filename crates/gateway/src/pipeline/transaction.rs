//! Several operations as one: each is permitted before any of them runs, and all take effect or none.

use super::{OperationError, observed::Journey, read::build, script::plain, task::Task};
use crate::{
    Gateway, access::Visitor, answers, error::GatewayError, observe::Act, registry::Upstream,
    resilience::Attempts, timings::Stage,
};
use backend::{Outcome, TransactionOptions};
use bytes::{Bytes, BytesMut};
use query::{
    Access, ApiRequest, ApiResponse, Statement, response,
    response::script::{self, OperationTold},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// What is to be done in one transaction.
#[derive(Debug)]
pub struct Transaction {
    /// In order, each with the id its result goes by.
    pub operations: Vec<(Option<String>, ApiRequest)>,
    pub options: TransactionOptions,
}

impl Gateway {
    pub async fn serve_transaction(
        &self,
        visitor: Visitor,
        transaction: Transaction,
    ) -> Result<ApiResponse, GatewayError> {
        let mut journey = Journey::begin(visitor, Act::Transaction);
        let result = Box::pin(self.run_transaction(&mut journey, transaction)).await;
        journey.end(self, result)
    }

    async fn run_transaction(
        &self,
        journey: &mut Journey,
        transaction: Transaction,
    ) -> Result<ApiResponse, GatewayError> {
        let Transaction { operations, options } = transaction;
        let limits = self.limits(journey.visitor());
        let (mut ids, mut tasks) = (Vec::new(), Vec::new());
        for (index, (id, request)) in operations.into_iter().enumerate() {
            let task = self.task(journey, request, limits).await;
            let task = task.map_err(|error| error.in_operation(index))?;
            if options.read_only && task.plan.access() == Access::ReadWrite {
                return Err(OperationError::WriteInReadOnly { index }.into());
            }
            ids.push(id);
            tasks.push(task);
        }
        let answers = self.all_or_nothing(journey, &tasks, options).await?;
        let request_id = journey.trace().request_id.as_str().to_owned();
        let results = results(&ids, &tasks, answers)?;
        let mut response = script::transaction(&results, &request_id);
        journey.finish(Stage::Build);
        plain(&mut response, journey);
        Ok(response)
    }

    async fn all_or_nothing(
        &self,
        journey: &mut Journey,
        tasks: &[Task],
        options: TransactionOptions,
    ) -> Result<Vec<(Bytes, Outcome)>, GatewayError> {
        let Some(first) = tasks.first() else { return Ok(Vec::new()) };
        let client = journey.visitor().client();
        let writes = || tasks.iter().filter(|task| task.plan.access() == Access::ReadWrite);
        let access = if writes().next().is_some() { Access::ReadWrite } else { Access::ReadOnly };
        let writing = (access == Access::ReadWrite).then(|| {
            let cascades = first.upstream.cascades();
            let scopes = |task: &Task| {
                answers::write_scopes(client, task.stored(task.plan.table()), &cascades)
            };
            self.answers().will_write(|| writes().flat_map(scopes).collect())
        });
        let ran = transact(&first.upstream, tasks, options, access).await;
        match (writing, &ran) {
            (Some(writing), Ok(_)) => writing.written().await,
            (Some(writing), Err(error)) if error.surely_changed_nothing() => writing.unchanged(),
            (writing, _) => drop(writing),
        }
        journey.finish(Stage::Execute);
        let answers = ran?;
        journey.returned(answers.iter().map(|(_, outcome)| outcome.returned).sum());
        Ok(answers)
    }
}

async fn transact(
    upstream: &Arc<Upstream>,
    tasks: &[Task],
    options: TransactionOptions,
    access: Access,
) -> Result<Vec<(Bytes, Outcome)>, GatewayError> {
    let [first, ..] = tasks else { return Ok(Vec::new()) };
    let mut attempts = Attempts::begin(upstream, access, first.time)
        .map_err(|refused| GatewayError::turned_away(upstream.name(), refused))?;
    loop {
        // Every task has a permit of its own; the port wants to see one.
        let run =
            upstream.backend().transact(&first.permit, statements(tasks), options, attempts.left());
        let result = run.await;
        if let Some(result) = attempts.settle(result).await {
            return result.map_err(|source| GatewayError::Backend { source, operation: None });
        }
    }
}

/// Each operation's statement, and behind it its count when it wants one.
fn statements(tasks: &[Task]) -> Vec<Statement> {
    let both = tasks.iter().flat_map(|task| [Some(&task.rows), task.count.as_ref()]);
    both.flatten().cloned().collect()
}

fn results(
    ids: &[Option<String>],
    tasks: &[Task],
    answers: Vec<(Bytes, Outcome)>,
) -> Result<Vec<OperationTold>, GatewayError> {
    let mut answers = answers.into_iter();
    let mut next = || answers.next().ok_or(GatewayError::Abandoned);
    let mut results = Vec::with_capacity(tasks.len());
    for (id, task) in ids.iter().zip(tasks) {
        let (rows, mut outcome) = next()?;
        if task.count.is_some() {
            outcome.count = Some(number(&next()?.0).ok_or(GatewayError::Abandoned)?);
        }
        results.push(result(id.clone(), task, &rows, outcome)?);
    }
    Ok(results)
}

/// What the operation would have been answered with on its own, as far as results hold it.
fn result(
    id: Option<String>,
    task: &Task,
    rows: &Bytes,
    outcome: Outcome,
) -> Result<OperationTold, GatewayError> {
    #[derive(Deserialize)]
    struct Own<'a> {
        #[serde(borrow)]
        data: &'a RawValue,
    }
    let mut body: BytesMut = response::open(&task.plan);
    body.extend_from_slice(rows);
    let own = build(&task.plan, outcome, body, "")?;
    let own: Own<'_> = serde_json::from_slice(&own.body).map_err(|_| GatewayError::Abandoned)?;
    let is_read = task.plan.access() == Access::ReadOnly;
    let count = if is_read { outcome.count } else { Some(outcome.affected) };
    Ok(OperationTold { id, data: own.data.to_owned(), count })
}

/// `[{"count":7}]`
fn number(rows: &Bytes) -> Option<u64> {
    let rows: Vec<serde_json::Map<String, serde_json::Value>> =
        serde_json::from_slice(rows).ok()?;
    rows.first()?.values().next()?.as_u64()
}
