//! Read the catalog: ten static queries in one snapshot, whatever the number of tables.

mod assemble;
mod routines;
mod rows;
mod rules;

use crate::{error::RunError, pool::Pool};
use assemble::Catalog;
use backend::{BackendError, TableRule};
use catalog::SchemaCache;
use futures_util::future::BoxFuture;
use rows::{
    ColumnRow, CompositeRow, EnumRow, ForeignKeyRow, NameRow, RoutineRow, SessionRow, TableRow,
    TypeRow, UniqueKeyRow,
};
use sqlx::{Connection, FromRow, PgConnection, postgres::PgRow};
use tokio::time::{Instant, timeout_at};

pub(crate) async fn introspect(
    pool: &Pool,
    deadline: Instant,
) -> Result<SchemaCache, BackendError> {
    Ok(reading(pool, deadline, |connection| Box::pin(read(connection))).await?.into_schema_cache())
}

pub(crate) async fn rules(pool: &Pool, deadline: Instant) -> Result<Vec<TableRule>, BackendError> {
    reading(pool, deadline, rules::read).await
}

type Read<T> = for<'c> fn(&'c mut PgConnection) -> BoxFuture<'c, Result<T, sqlx::Error>>;

/// A session that went away while nobody used it is not the database's last word.
async fn reading<T>(pool: &Pool, deadline: Instant, read: Read<T>) -> Result<T, BackendError> {
    let mut second_chance = true;
    loop {
        let mut lease = pool.acquire(deadline).await?;
        let error = match timeout_at(deadline, read(lease.connection())).await {
            Err(_) => return Err(BackendError::Timeout),
            Ok(Ok(found)) => {
                lease.release();
                return Ok(found);
            }
            Ok(Err(error)) => RunError::from(error),
        };
        let again = second_chance && error.is_fatal() && lease.is_reused();
        if error.is_fatal() {
            pool.purge();
        }
        // In the middle of a transaction nobody else can use the session.
        lease.discard();
        if !again {
            return Err(error.into());
        }
        second_chance = false;
    }
}

/// All in one snapshot, so that a column's table and a key's columns are there.
async fn read(connection: &mut PgConnection) -> Result<Catalog, sqlx::Error> {
    let mut snapshot =
        connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let sessions: Vec<SessionRow> =
        all(&mut snapshot, include_str!("introspect/session.sql")).await?;
    let tables: Vec<TableRow> = all(&mut snapshot, include_str!("introspect/tables.sql")).await?;
    let columns: Vec<ColumnRow> =
        all(&mut snapshot, include_str!("introspect/columns.sql")).await?;
    let types: Vec<TypeRow> = all(&mut snapshot, include_str!("introspect/types.sql")).await?;
    let enums: Vec<EnumRow> = all(&mut snapshot, include_str!("introspect/enums.sql")).await?;
    let unique_keys: Vec<UniqueKeyRow> =
        all(&mut snapshot, include_str!("introspect/unique_keys.sql")).await?;
    let foreign_keys: Vec<ForeignKeyRow> =
        all(&mut snapshot, include_str!("introspect/foreign_keys.sql")).await?;
    let routines: Vec<RoutineRow> =
        all(&mut snapshot, include_str!("introspect/routines.sql")).await?;
    let composites: Vec<CompositeRow> =
        all(&mut snapshot, include_str!("introspect/composites.sql")).await?;
    let reaching: Vec<NameRow> =
        all(&mut snapshot, include_str!("introspect/reaching.sql")).await?;
    snapshot.commit().await?;
    let session = sessions.into_iter().next().ok_or(sqlx::Error::RowNotFound)?;
    Ok(Catalog {
        session,
        tables,
        columns,
        types,
        enums,
        unique_keys,
        foreign_keys,
        routines,
        composites,
        reaching,
    })
}

/// Not kept as a prepared statement: it runs too seldom to be worth its place in the cache.
async fn all<T>(connection: &mut PgConnection, sql: &'static str) -> Result<Vec<T>, sqlx::Error>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    sqlx::query_as(sql).persistent(false).fetch_all(connection).await
}
