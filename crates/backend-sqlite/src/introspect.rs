//! Read the catalog: all tables of the file's own schema, in one snapshot.

mod assemble;
mod rows;
mod rules;
mod types;

pub(crate) use rules::rules;

use crate::{error::RunError, execute, pool::Pool};
use assemble::Found;
use backend::BackendError;
use catalog::SchemaCache;
use query::Access;
use rows::TableRow;
use sqlx::{Executor, FromRow, SqliteConnection, sqlite::SqliteRow};
use tokio::time::{Instant, timeout_at};

pub(crate) async fn introspect(
    pool: &Pool,
    deadline: Instant,
) -> Result<SchemaCache, BackendError> {
    let mut lease = pool.acquire(deadline).await?;
    let ran = timeout_at(deadline, read(lease.connection())).await;
    let ran = ran.map_err(|_| BackendError::Timeout)?.map_err(RunError::from);
    let (version, found, with_triggers) = execute::settle(lease, Access::ReadWrite, ran).await?;
    Ok(assemble::schema_cache(&version, found, &with_triggers))
}

async fn read(
    connection: &mut SqliteConnection,
) -> Result<(String, Vec<Found>, Vec<String>), sqlx::Error> {
    connection.execute("BEGIN").await?;
    let version = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut *connection).await?;
    let tables: Vec<TableRow> =
        sqlx::query_as(include_str!("introspect/tables.sql")).fetch_all(&mut *connection).await?;
    let mut found = Vec::with_capacity(tables.len());
    for table in tables {
        let name = table.name.clone();
        match columns_and_keys(connection, table).await {
            Ok(one) => found.push(one),
            // A view of something that is gone is no reason to lose all others.
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("1") => {
                tracing::warn!(%error, table = name, "a table cannot be read and is left out");
            }
            Err(error) => return Err(error),
        }
    }
    let with_triggers =
        sqlx::query_scalar("SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'trigger'")
            .fetch_all(&mut *connection)
            .await?;
    connection.execute("COMMIT").await?;
    Ok((version, found, with_triggers))
}

async fn columns_and_keys(
    connection: &mut SqliteConnection,
    table: TableRow,
) -> Result<Found, sqlx::Error> {
    let name = &table.name;
    Ok(Found {
        columns: of(connection, name, include_str!("introspect/columns.sql")).await?,
        unique_keys: of(connection, name, include_str!("introspect/unique_keys.sql")).await?,
        foreign_keys: of(connection, name, include_str!("introspect/foreign_keys.sql")).await?,
        table,
    })
}

async fn of<T>(
    connection: &mut SqliteConnection,
    table: &str,
    sql: &'static str,
) -> Result<Vec<T>, sqlx::Error>
where
    T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
{
    sqlx::query_as(sql).bind(table.to_owned()).fetch_all(connection).await
}
