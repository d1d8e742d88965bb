//! Our own tables in a client's database: all missing steps in one transaction, one program at a time.

use crate::{
    error::RunError,
    execute::{settle, trusted},
    pool::{Afterwards, Pool},
};
use backend::{BackendError, Migrated, Migration};
use sqlx::{Connection, Executor, PgConnection};
use std::{collections::HashMap, time::Duration};
use tokio::time::{Instant, timeout_at};

const LIMIT: Duration = Duration::from_secs(60);

/// Any number does, as long as nobody else's is the same.
const LOCK: &str = "SELECT pg_advisory_xact_lock(4702111234474983745)";

/// As the library that migrates the control store has it, so that either may go on.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMPTZ NOT NULL DEFAULT now(),
    success BOOLEAN NOT NULL,
    checksum BYTEA NOT NULL,
    execution_time BIGINT NOT NULL
)";

const INSERT: &str =
    "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
    VALUES ($1, $2, true, $3, $4)";

pub(crate) async fn migrate(
    pool: &Pool,
    steps: &[Migration<'_>],
) -> Result<Migrated, BackendError> {
    let deadline = Instant::now() + LIMIT;
    let mut lease = pool.acquire(deadline).await?;
    lease.afterwards(Afterwards::Close);
    match timeout_at(deadline, all(lease.connection(), steps)).await {
        Err(_) => Err(BackendError::Timeout),
        Ok(Ok(migrated)) => {
            lease.release();
            Ok(migrated)
        }
        Ok(Err(error)) => {
            let error = RunError::from(error);
            settle(pool, lease, &error, deadline).await;
            Err(error.into())
        }
    }
}

async fn all(
    connection: &mut PgConnection,
    steps: &[Migration<'_>],
) -> Result<Migrated, sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN READ WRITE").await?;
    transaction.execute(sqlx::raw_sql(LOCK)).await?;
    transaction.execute(sqlx::raw_sql(TABLE)).await?;
    let there: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations ORDER BY version")
            .persistent(false)
            .fetch_all(&mut *transaction)
            .await?;
    if let Some(refused) = refused(&there, steps) {
        transaction.rollback().await?;
        return Ok(refused);
    }
    let there: HashMap<i64, Vec<u8>> = there.into_iter().collect();
    let mut applied = Vec::new();
    for step in steps.iter().filter(|step| !there.contains_key(&step.version)) {
        let began = Instant::now();
        transaction.execute(sqlx::raw_sql(trusted(step.sql))).await?;
        let took = i64::try_from(began.elapsed().as_nanos()).unwrap_or(i64::MAX);
        sqlx::query(INSERT)
            .bind(step.version)
            .bind(step.description)
            .bind(step.checksum)
            .bind(took)
            .persistent(false)
            .execute(&mut *transaction)
            .await?;
        applied.push(step.version);
    }
    transaction.commit().await?;
    Ok(Migrated::Applied(applied))
}

fn refused(there: &[(i64, Vec<u8>)], steps: &[Migration<'_>]) -> Option<Migrated> {
    there.iter().find_map(|(version, checksum)| {
        match steps.iter().find(|step| step.version == *version) {
            None => Some(Migrated::Newer(*version)),
            Some(step) if step.checksum != checksum.as_slice() => Some(Migrated::Altered(*version)),
            Some(_) => None,
        }
    })
}
