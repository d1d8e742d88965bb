//! Functions, indexes, extensions and databases, as people ask for them.

use crate::{error::from_driver, pool::Pool};
use backend::{BackendError, Inspection, Whereabouts};
use serde_json::Value;
use sqlx::{PgConnection, postgres::PgArguments, query::QueryScalar};
use tokio::time::{Instant, timeout_at};

type Listing = QueryScalar<'static, sqlx::Postgres, String, PgArguments>;

pub(crate) async fn inspect(
    pool: &Pool,
    inspection: &Inspection,
    deadline: Instant,
) -> Result<Vec<Value>, BackendError> {
    let mut lease = pool.acquire(deadline).await?;
    let found = timeout_at(deadline, list(lease.connection(), inspection)).await;
    match found {
        Err(_) => Err(BackendError::Timeout),
        Ok(Ok(rows)) => {
            lease.release();
            rows.iter().map(|row| parsed(row)).collect()
        }
        Ok(Err(error)) => {
            lease.discard();
            Err(from_driver(error))
        }
    }
}

fn parsed(row: &str) -> Result<Value, BackendError> {
    serde_json::from_str(row).map_err(|source| BackendError::Protocol { source: source.into() })
}

async fn list(
    connection: &mut PgConnection,
    inspection: &Inspection,
) -> Result<Vec<String>, sqlx::Error> {
    let asked: Listing = match inspection {
        Inspection::Functions { schema, name_like, include_system, include_definition } => {
            sqlx::query_scalar(include_str!("inspect/functions.sql"))
                .bind(schema.clone())
                .bind(name_like.clone())
                .bind(*include_system)
                .bind(*include_definition)
        }
        Inspection::Indexes { schema, table } => {
            sqlx::query_scalar(include_str!("inspect/indexes.sql"))
                .bind(schema.clone())
                .bind(table.clone())
        }
        Inspection::Extensions => sqlx::query_scalar(include_str!("inspect/extensions.sql")),
        Inspection::Databases => sqlx::query_scalar(include_str!("inspect/databases.sql")),
    };
    asked.persistent(false).fetch_all(connection).await
}

/// The number a server was given when it was made, and the database's in it.
pub(crate) async fn whereabouts(
    pool: &Pool,
    deadline: Instant,
) -> Result<Option<Whereabouts>, BackendError> {
    let mut lease = pool.acquire(deadline).await?;
    let asked = sqlx::query_as(include_str!("inspect/whereabouts.sql")).persistent(false);
    match timeout_at(deadline, asked.fetch_one(lease.connection())).await {
        Err(_) => Err(BackendError::Timeout),
        Ok(Ok((system, database))) => {
            lease.release();
            Ok(Some(Whereabouts { system, database }))
        }
        // Some hosts keep the server's number to themselves.
        Ok(Err(sqlx::Error::Database(error))) => {
            tracing::debug!(%error, "the database does not say which one it is");
            lease.release();
            Ok(None)
        }
        Ok(Err(error)) => {
            lease.discard();
            Err(from_driver(error))
        }
    }
}
