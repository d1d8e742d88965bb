//! What rows must keep to. SQLite has no list of checks, only the words that each table was made with.

mod checks;
mod tokens;

use super::assemble::{ident, qualified};
use crate::{error::RunError, execute, pool::Pool};
use backend::{BackendError, RuleKind, TableRule};
use checks::Check;
use query::Access;
use sqlx::{Executor, FromRow, SqliteConnection};
use tokio::time::{Instant, timeout_at};

#[derive(FromRow)]
struct Made {
    name: String,
    sql: String,
    /// In column order, as one JSON array.
    columns: String,
}

pub(crate) async fn rules(pool: &Pool, deadline: Instant) -> Result<Vec<TableRule>, BackendError> {
    let mut lease = pool.acquire(deadline).await?;
    let ran = timeout_at(deadline, read(lease.connection())).await;
    let ran = ran.map_err(|_| BackendError::Timeout)?.map_err(RunError::from);
    let made = execute::settle(lease, Access::ReadWrite, ran).await?;
    Ok(made.into_iter().flat_map(of_table).collect())
}

async fn read(connection: &mut SqliteConnection) -> Result<Vec<Made>, sqlx::Error> {
    connection.execute("BEGIN").await?;
    let made = sqlx::query_as(include_str!("rules/made.sql")).fetch_all(&mut *connection).await?;
    connection.execute("COMMIT").await?;
    Ok(made)
}

fn of_table(made: Made) -> Vec<TableRule> {
    let Some(table) = ident(&made.name).and_then(qualified) else { return Vec::new() };
    let columns: Vec<String> = serde_json::from_str(&made.columns).unwrap_or_default();
    let Some(checks) = checks::of(&made.sql, &columns) else {
        tracing::warn!(table = made.name, "the words a table was made with cannot be read");
        return Vec::new();
    };
    let rule = |check: Check| TableRule {
        table: table.clone(),
        definition: format!("CHECK ({})", check.expression),
        // As SQLite itself calls one without a name when a row fails it.
        name: check.name.unwrap_or(check.expression),
        kind: RuleKind::Check,
        columns: check.columns,
    };
    checks.into_iter().map(rule).collect()
}
