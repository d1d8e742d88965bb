//! `snapshot pull`: the catalog of a live database as a Drizzle snapshot, right where drizzle-kit
//! is known to be wrong.

mod assemble;
mod rows;
mod spell;

use crate::settings::{PostgresSettings, UriError};
use assemble::Catalog;
use resources::snapshot::Snapshot;
use rows::SchemaRow;
use serde::de::DeserializeOwned;
use sqlx::{ConnectOptions, Connection, PgConnection, Row};
use std::time::Duration;
use tokio::time::timeout;

/// Ten thousand tables take a few seconds.
const LIMIT: Duration = Duration::from_secs(120);

#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error(transparent)]
    Uri(#[from] UriError),
    #[error("the database cannot be reached: {source}")]
    Connect { source: sqlx::Error },
    #[error("there is no schema {name:?} in the database")]
    UnknownSchema { name: String },
    #[error("the catalog's {what} cannot be read: {source}")]
    Query { what: &'static str, source: sqlx::Error },
    #[error("the catalog's {what} came back in another shape: {source}")]
    Shape { what: &'static str, source: serde_json::Error },
    #[error("the database took longer than {} seconds", .limit.as_secs())]
    TooSlow { limit: Duration },
}

/// Introspect these schemas; none means every one that is not the system's.
///
/// All queries see the database at one moment. What the format has no place for is left out:
/// comments, deferrable constraints, included index columns, and what a domain is over.
pub async fn pull(uri: &str, schemas: &[String]) -> Result<Snapshot, PullError> {
    let settings = PostgresSettings::parse(uri)?;
    let work = async {
        let options = settings.options.application_name("athena");
        let mut connection =
            options.connect().await.map_err(|source| PullError::Connect { source })?;
        let snapshot = introspect(&mut connection, schemas).await?;
        // The answer is complete; a failed goodbye changes nothing.
        let _ = connection.close().await;
        Ok(snapshot)
    };
    timeout(LIMIT, work).await.map_err(|_| PullError::TooSlow { limit: LIMIT })?
}

async fn introspect(
    connection: &mut PgConnection,
    wanted: &[String],
) -> Result<Snapshot, PullError> {
    // With `public` alone on the path, expressions are spelled as drizzle-kit sees them.
    for statement in [
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SET LOCAL search_path = public",
        "SET LOCAL timezone = 'UTC'",
        "SET LOCAL datestyle = 'ISO, MDY'",
        "SET LOCAL intervalstyle = 'postgres'",
    ] {
        let what = "transaction";
        sqlx::query(statement)
            .execute(&mut *connection)
            .await
            .map_err(|source| PullError::Query { what, source })?;
    }
    let found: Vec<SchemaRow> =
        rows(connection, "schemas", include_str!("pull/schemas.sql"), wanted).await?;
    let schemas: Vec<String> = found.into_iter().map(|row| row.name).collect();
    if let Some(name) = wanted.iter().find(|name| !schemas.contains(name)) {
        return Err(PullError::UnknownSchema { name: name.clone() });
    }
    let s = &schemas;
    let catalog = Catalog {
        relations: rows(connection, "relations", include_str!("pull/relations.sql"), s).await?,
        columns: rows(connection, "columns", include_str!("pull/columns.sql"), s).await?,
        constraints: rows(connection, "constraints", include_str!("pull/constraints.sql"), s)
            .await?,
        indexes: rows(connection, "indexes", include_str!("pull/indexes.sql"), s).await?,
        policies: rows(connection, "policies", include_str!("pull/policies.sql"), s).await?,
        enums: rows(connection, "enums", include_str!("pull/enums.sql"), s).await?,
        sequences: rows(connection, "sequences", include_str!("pull/sequences.sql"), s).await?,
        schemas,
    };
    Ok(catalog.into_snapshot())
}

/// Run one of the static queries; each row is one JSON object.
async fn rows<T: DeserializeOwned>(
    connection: &mut PgConnection,
    what: &'static str,
    sql: &'static str,
    schemas: &[String],
) -> Result<Vec<T>, PullError> {
    let found = sqlx::query(sql)
        .bind(schemas)
        .fetch_all(&mut *connection)
        .await
        .map_err(|source| PullError::Query { what, source })?;
    let mut parsed = Vec::with_capacity(found.len());
    for row in found {
        let text: &str = row.try_get(0).map_err(|source| PullError::Query { what, source })?;
        parsed
            .push(serde_json::from_str(text).map_err(|source| PullError::Shape { what, source })?);
    }
    Ok(parsed)
}
