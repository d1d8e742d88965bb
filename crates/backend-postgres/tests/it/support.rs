//! A backend on a fresh database, and short ways to ask it.

use auth::Permit;
use backend::{BackendError, Outcome};
use backend_postgres::{Postgres, PostgresSettings, RenderedSql};
use bytes::BytesMut;
use query::{Access, Param, statement::RowsWanted};
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
