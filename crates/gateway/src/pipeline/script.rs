//! SQL that a caller wrote: a read in other words, or a script that is run as it stands.

use super::{
    observed::Journey,
    read::{Wish, Words},
    task::Task,
};
use crate::{
    Gateway, access::Visitor, answers, error::GatewayError, federation::gates, observe::Act,
    registry::Upstream, resilience::Attempts, timings::Stage,
};
use api_types::ClientName;
use auth::Permit;
use backend::{Marks, ScriptOutcome, ScriptRun};
use bytes::BytesMut;
use cache::{Directive, Scope};
use query::{
    Access, ApiRequest, ApiResponse,
    plan::PlanLimits,
    response::script::{self, ScriptTold},
    sql::{self, Script, StatementKind},
    statement::RowsWanted,
};
use serde_json::Value;
use std::sync::Arc;

/// The door that SQL came through; it decides the right that is needed and the form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlDoor {
    /// `/gateway/query`
    Query,
    /// `/gateway/sql` and `/query/sql`
    Sql,
}

impl SqlDoor {
    pub(super) fn act(self) -> Act {
        match self {
            Self::Query => Act::Query,
            Self::Sql => Act::Sql,
        }
    }

    pub(super) fn right(self) -> &'static str {
        match self {
            Self::Query => "gateway.query",
            Self::Sql => "gateway.sql",
        }
    }
}

/// SQL as it arrived.
#[derive(Debug, Clone)]
pub struct RawSql {
    pub door: SqlDoor,
    pub text: String,
    /// Bound to `$1`, `$2` and so on.
    pub params: Vec<Value>,
    pub strip_nulls: bool,
    pub directive: Directive,
}

impl Gateway {
    /// Run what a caller wrote. It only reads, unless the caller may write to this client as well.
    pub async fn serve_sql(
        &self,
        visitor: Visitor,
        raw: RawSql,
    ) -> Result<ApiResponse, GatewayError> {
        let mut journey = Journey::begin(visitor, raw.door.act());
        let result = Box::pin(self.run_sql(&mut journey, &raw)).await;
        journey.end(self, result)
    }

    async fn run_sql(
        &self,
        journey: &mut Journey,
        raw: &RawSql,
    ) -> Result<ApiResponse, GatewayError> {
        let script = Script::parse(&raw.text)?;
        journey.finish(Stage::Parse);
        let limits = self.limits(journey.visitor());
        let mut response = match self.recognised(journey, raw, limits).await? {
            Some(task) => {
                let wish = Wish { directive: raw.directive, ticket: None };
                self.read(journey, task, Words::Query, wish).await?
            }
            None => self.run_script(journey, raw, &script).await?,
        };
        plain(&mut response, journey);
        Ok(response)
    }

    /// The text as a read under the rights of its table, when it is nothing but one.
    pub(super) async fn recognised(
        &self,
        journey: &mut Journey,
        raw: &RawSql,
        limits: PlanLimits,
    ) -> Result<Option<Task>, GatewayError> {
        if raw.door != SqlDoor::Query || !raw.params.is_empty() {
            return Ok(None);
        }
        let Some(mut request) = sql::recognise(&raw.text) else { return Ok(None) };
        request.strip_nulls = Some(raw.strip_nulls);
        match self.task(journey, ApiRequest::Read(request), limits).await {
            Ok(task) => Ok(Some(task)),
            // Whoever may run any SQL hears of its mistakes from the database.
            Err(_) if permit(journey.visitor(), raw.door.right()).is_ok() => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn run_script(
        &self,
        journey: &mut Journey,
        raw: &RawSql,
        script: &Script,
    ) -> Result<ApiResponse, GatewayError> {
        let permit = permit(journey.visitor(), raw.door.right())?;
        let upstream = self.registry().get(journey.visitor().client())?;
        upstream.looked_at().await?;
        gates::raw_sql(journey.visitor(), &upstream)?;
        let access = gates::script(&upstream, script, access(journey.visitor(), script)?)?;
        journey.finish(Stage::Permit);
        let mut body = match raw.door {
            SqlDoor::Query => script::open_query(),
            SqlDoor::Sql => script::open_sql(),
        };
        let rows =
            if raw.strip_nulls { RowsWanted::ObjectsWithoutNulls } else { RowsWanted::Objects };
        let max_rows = self.limits(journey.visitor()).max_rows;
        let max_rows = gates::script_rows(&upstream, script, max_rows);
        let run = ScriptRun { script, params: &raw.params, access, max_rows, rows };
        let outcome = self.ran(journey, &upstream, &permit, run, &mut body).await?;
        let told = told(&outcome, &body);
        journey.returned(told.returned);
        let client = journey.visitor().client().as_str();
        let response = match raw.door {
            SqlDoor::Query => script::query(body, &told),
            SqlDoor::Sql => script::sql(body, &told, client, journey.timings().of(Stage::Execute)),
        };
        journey.finish(Stage::Build);
        Ok(response)
    }

    /// Run it. Simple changes make stale what they name; anything else that may have changed
    /// something, every answer of its client.
    pub(super) async fn ran(
        &self,
        journey: &mut Journey,
        upstream: &Arc<Upstream>,
        permit: &Permit,
        run: ScriptRun<'_>,
        body: &mut BytesMut,
    ) -> Result<ScriptOutcome, GatewayError> {
        if run.access == Access::ReadOnly {
            let ran = attempt(upstream, permit, (run, None), self.time_for(upstream), body).await;
            journey.finish(Stage::Execute);
            return ran;
        }
        let client = journey.visitor().client();
        let known = known_changes(client, upstream, run.script);
        let is_known = known.is_some();
        let writing =
            self.answers().will_write(|| known.unwrap_or_else(|| vec![Scope::client(client)]));
        let run_noted = (run, journey.visitor().marks());
        let ran = attempt(upstream, permit, run_noted, self.time_for(upstream), body).await;
        match &ran {
            Ok(outcome) if is_known && changed_nothing(outcome) => writing.unchanged(),
            Ok(_) => {
                writing.written().await;
                if run.script.statements().iter().any(|one| one.kind() == StatementKind::Command) {
                    // It may have made or altered a table.
                    upstream.ask();
                    upstream.rest_state().outdated();
                }
            }
            Err(error) if error.surely_changed_nothing() => writing.unchanged(),
            Err(_) => drop(writing),
        }
        journey.finish(Stage::Execute);
        ran
    }
}

/// The headers of an answer that is no kept one.
pub(super) fn plain(response: &mut ApiResponse, journey: &Journey) {
    response.headers.push(("server-timing", journey.timings().header().into()));
}

async fn attempt(
    upstream: &Upstream,
    permit: &Permit,
    (run, marks): (ScriptRun<'_>, Option<&dyn Marks>),
    time: std::time::Duration,
    body: &mut BytesMut,
) -> Result<ScriptOutcome, GatewayError> {
    let mut attempts = Attempts::begin(upstream, run.access, time)
        .map_err(|refused| GatewayError::turned_away(upstream.name(), refused))?;
    let start = body.len();
    loop {
        body.truncate(start);
        let left = attempts.left();
        let backend = upstream.backend();
        let result = match marks {
            Some(marks) => backend.run_script_noted(permit, run, marks, left, body).await,
            None => backend.run_script(permit, run, left, body).await,
        };
        if let Some(result) = attempts.settle(result).await {
            return result.map_err(|source| GatewayError::Backend { source, operation: None });
        }
    }
}

pub(super) fn permit(visitor: &Visitor, right: &str) -> Result<Permit, GatewayError> {
    Ok(Permit::for_right(visitor.caller(), visitor.client(), right)?)
}

/// A caller who may not write gets a transaction that cannot; and so does a script that needs no more.
pub(super) fn access(visitor: &Visitor, script: &Script) -> Result<Access, GatewayError> {
    let may_write = permit(visitor, "gateway.write").is_ok();
    if !may_write {
        script.must_read()?;
    }
    let only_reads = script.statements().iter().all(|statement| statement.is_plain_read());
    Ok(if may_write && !only_reads { Access::ReadWrite } else { Access::ReadOnly })
}

/// What changes of rows make stale, when every statement is one that names its table, and what
/// writing to each of them changes is known. `None` may be anything.
fn known_changes(client: &ClientName, upstream: &Upstream, script: &Script) -> Option<Vec<Scope>> {
    let (cache, cascades) = upstream.known()?;
    // SQL names tables, and a resource may have the name of another one.
    if !cache.bindings().is_empty() {
        return None;
    }
    let mut scopes = Vec::new();
    for statement in script.statements() {
        let relation = statement.changes()?;
        let table = cache.table(relation.schema.as_deref(), &relation.name)?;
        if !cascades.contain(table) {
            return None;
        }
        scopes.extend(answers::write_scopes(client, table, &cascades));
    }
    Some(scopes)
}

/// No change of rows found any.
fn changed_nothing(outcome: &ScriptOutcome) -> bool {
    outcome.statements.iter().all(|statement| statement.rows_affected == 0)
}

/// A query's rows are returned, not affected.
fn told(outcome: &ScriptOutcome, body: &[u8]) -> ScriptTold {
    let reads = |word: &str| matches!(word, "SELECT" | "VALUES" | "TABLE" | "SHOW" | "EXPLAIN");
    let affected = outcome.statements.iter().filter(|one| !reads(&one.word));
    let returned = outcome.statements.iter().rev().map(|one| one.returned).find(|rows| *rows > 0);
    // The rows that are there are those of the last statement that has any to give.
    let returned = returned.filter(|_| !body.ends_with(b"[]"));
    ScriptTold {
        statements: outcome.statements.len(),
        rows_affected: affected.map(|one| one.rows_affected).sum(),
        returned: returned.unwrap_or(0),
        truncated: outcome.truncated,
    }
}
