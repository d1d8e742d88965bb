//! A backend on a fresh database, and short ways to ask it.

use auth::Permit;
use backend::{Backend, BackendError, Outcome, ScriptOutcome, ScriptRun};
use backend_postgres::{Postgres, PostgresSettings, RenderedSql};
use bytes::BytesMut;
use catalog::SchemaCache;
use query::{
    Access, CallError, CallPlan, CallRequest, Operation, Param, Plan, Statement,
    plan::{CallLimits, PlanLimits},
    request::{ParseOptions, parse},
    sql::Script,
    statement::RowsWanted,
};
use serde_json::Value;
use std::time::Duration;
use test_support::TestDatabase;

pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn permit() -> Permit {
    Permit::system()
}

pub fn settings(database: &TestDatabase) -> PostgresSettings {
    PostgresSettings::parse(database.uri()).unwrap()
}

pub fn backend(database: &TestDatabase) -> Postgres {
    Postgres::connect(&settings(database))
}

/// A statement that reads, as a renderer would make it.
pub fn reading<'a>(text: &'a str, params: &'a [Param]) -> RenderedSql<'a> {
    RenderedSql { text, params, access: Access::ReadOnly, rows: RowsWanted::Objects }
}

pub fn writing<'a>(text: &'a str, params: &'a [Param]) -> RenderedSql<'a> {
    RenderedSql { access: Access::ReadWrite, ..reading(text, params) }
}

pub async fn run(
    postgres: &Postgres,
    statement: RenderedSql<'_>,
    deadline: Duration,
) -> Result<(String, Outcome), BackendError> {
    let mut out = BytesMut::new();
    let outcome = postgres.execute_rendered(&permit(), statement, deadline, &mut out).await?;
    Ok((String::from_utf8(out.to_vec()).unwrap(), outcome))
}

pub async fn read(postgres: &Postgres, text: &str) -> String {
    run(postgres, reading(text, &[]), PATIENCE).await.unwrap().0
}

/// Poll until a query of the server's own tables says yes.
pub async fn eventually(database: &TestDatabase, question: &'static str) -> bool {
    let mut connection = database.connect().await;
    for _ in 0..100 {
        let yes: bool = sqlx::query_scalar(question).fetch_one(&mut connection).await.unwrap();
        if yes {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

/// A caller's own SQL, with at most 1,000 rows shown.
pub async fn script(
    postgres: &Postgres,
    access: Access,
    text: &str,
    params: &[Value],
) -> Result<(Value, ScriptOutcome), BackendError> {
    let script = Script::parse(text)?;
    let (max_rows, rows) = (1_000, RowsWanted::Objects);
    let run = ScriptRun { script: &script, params, access, max_rows, rows };
    let mut out = BytesMut::new();
    let outcome = postgres.run_script(&permit(), run, PATIENCE, &mut out).await?;
    Ok((serde_json::from_slice(&out).unwrap(), outcome))
}

/// A read as a renderer makes it.
pub async fn fetching(postgres: &Postgres, body: Value) -> Statement {
    rendered(postgres, Operation::Fetch, body).await
}

pub async fn rendered(postgres: &Postgres, operation: Operation, body: Value) -> Statement {
    let plan = planned(&postgres.introspect().await.unwrap(), operation, body);
    postgres.render(&plan).unwrap()
}

pub fn planned(schema: &SchemaCache, operation: Operation, body: Value) -> Plan {
    let body = body.to_string();
    let request = parse(operation, body.as_bytes(), &ParseOptions::default()).unwrap();
    Plan::resolve(request, schema, PlanLimits { max_rows: 2_000_000 }).unwrap()
}

/// A call as a renderer makes it.
pub async fn calling(postgres: &Postgres, body: Value) -> Result<Statement, CallError> {
    let request = CallRequest::parse(body.to_string().as_bytes(), &ParseOptions::default());
    let limits = CallLimits { max_rows: 1_000, schemas: &["public".to_owned()] };
    let schema = postgres.introspect().await.unwrap();
    let plan = CallPlan::resolve(request.unwrap(), &schema, limits)?;
    Ok(postgres.render_call(&plan).unwrap())
}

pub async fn call(postgres: &Postgres, body: Value) -> (Value, Outcome) {
    let statement = calling(postgres, body).await.unwrap();
    let mut out = BytesMut::new();
    let outcome = postgres.execute(&permit(), &statement, PATIENCE, &mut out).await.unwrap();
    (serde_json::from_slice(&out).unwrap(), outcome)
}
