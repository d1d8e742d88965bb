//! One statement on one session: bind, read, write out.

use crate::{
    bind,
    declared::Types,
    error::RunError,
    pool::{Lease, Pool},
    row_writer::RowWriter,
    script,
};
use backend::{BackendError, Outcome};
use bytes::{BufMut, BytesMut};
use futures_util::TryStreamExt;
use query::{Access, Statement};
use sqlx::{
    AssertSqlSafe, Either, Executor, Sqlite, SqliteConnection, query::Query,
    sqlite::SqliteArguments,
};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// A statement, and what is needed to write its rows out.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) statement: &'a Statement,
    pub(crate) types: &'a Types,
    /// The most bytes the answer may have.
    pub(crate) limit: usize,
}

const ROLLBACK_LIMIT: Duration = Duration::from_secs(5);

pub(crate) async fn execute(
    pool: &Pool,
    job: Job<'_>,
    deadline: Instant,
    out: &mut BytesMut,
) -> Result<Outcome, BackendError> {
    let access = job.statement.access();
    let mut lease = pool.acquire(deadline).await?;
    // Dropping the lease interrupts the statement.
    let work = framed(lease.connection(), job, out);
    let ran = timeout_at(deadline, work).await.map_err(|_| BackendError::Timeout)?;
    settle(lease, access, ran).await
}

/// The one number a count statement answers with.
pub(crate) async fn count(
    pool: &Pool,
    statement: &Statement,
    deadline: Instant,
) -> Result<u64, BackendError> {
    let mut lease = pool.acquire(deadline).await?;
    let counting = lease.connection().fetch_one(query(statement)?);
    let ran = timeout_at(deadline, counting).await.map_err(|_| BackendError::Timeout)?;
    let number = ran.and_then(|row| sqlx::Row::try_get::<i64, _>(&row, 0)).map_err(RunError::from);
    let number = settle(lease, Access::ReadOnly, number).await?;
    u64::try_from(number).map_err(|source| BackendError::Protocol { source: source.into() })
}

/// One look at the file's first page.
pub(crate) async fn ping(pool: &Pool, deadline: Instant) -> Result<(), BackendError> {
    let mut lease = pool.acquire(deadline).await?;
    let asked = sqlx::query("SELECT count(*) FROM sqlite_schema").execute(lease.connection());
    let ran = timeout_at(deadline, asked).await.map_err(|_| BackendError::Timeout)?;
    settle(lease, Access::ReadOnly, ran.map(drop).map_err(RunError::from)).await
}

/// Give the session back in the state the work left it in.
pub(crate) async fn settle<T, E>(
    mut lease: Lease,
    access: Access,
    ran: Result<T, E>,
) -> Result<T, BackendError>
where
    E: AsRef<RunError> + Into<BackendError>,
{
    let error = match ran {
        Ok(done) => {
            lease.release();
            return Ok(done);
        }
        Err(error) => error,
    };
    if error.as_ref().leaves_session_whole() {
        let is_clean = match access {
            Access::ReadOnly => true,
            Access::ReadWrite => {
                let rolled_back = timeout(ROLLBACK_LIMIT, rollback(lease.connection())).await;
                matches!(rolled_back, Ok(Ok(())))
            }
        };
        if is_clean {
            lease.release();
        }
    }
    Err(error.into())
}

/// Some errors end the transaction themselves, and then there is nothing to roll back.
pub(crate) async fn rollback(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    match connection.execute("ROLLBACK").await {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(error)) if error.message().contains("no transaction") => Ok(()),
        Err(error) => Err(error),
    }
}

/// A change is a transaction, so that one that is not read to its end is none.
async fn framed(
    connection: &mut SqliteConnection,
    job: Job<'_>,
    out: &mut BytesMut,
) -> Result<Outcome, RunError> {
    match job.statement.access() {
        Access::ReadOnly => run(connection, job, out).await,
        Access::ReadWrite => {
            connection.execute("BEGIN IMMEDIATE").await?;
            let outcome = run(connection, job, out).await?;
            connection.execute("COMMIT").await?;
            Ok(outcome)
        }
    }
}

/// The text of a statement, with its values bound.
pub(crate) fn query(statement: &Statement) -> Result<Query<'_, Sqlite, SqliteArguments>, RunError> {
    let arguments = bind::arguments(statement.params())?;
    // A renderer binds something in all of its reads, so one without values may be a caller's own.
    if statement.params().is_empty() {
        script::stands_alone(statement.text()).map_err(RunError::NotRun)?;
    }
    // A renderer made it, from identifiers and `$n`, or it was read as SQLite reads it.
    Ok(sqlx::query_with(AssertSqlSafe(statement.text()), arguments))
}

pub(crate) async fn run(
    connection: &mut SqliteConnection,
    job: Job<'_>,
    out: &mut BytesMut,
) -> Result<Outcome, RunError> {
    let limit = job.limit.saturating_add(out.len());
    let is_read = job.statement.access() == Access::ReadOnly;
    let mut items = connection.fetch_many(query(job.statement)?);
    let mut outcome = Outcome::default();
    let mut writer: Option<RowWriter> = None;
    out.put_u8(b'[');
    while let Some(item) = items.try_next().await.map_err(|error| job.refused(error))? {
        let row = match item {
            Either::Left(done) => {
                // For a read SQLite tells how many rows the last change had.
                outcome.affected += if is_read { outcome.returned } else { done.rows_affected() };
                continue;
            }
            Either::Right(row) => row,
        };
        let writer = match &mut writer {
            Some(writer) => {
                out.put_u8(b',');
                writer
            }
            none => none.insert(RowWriter::for_row(&row, job.statement.rows(), job.types)),
        };
        writer.write(&row, out)?;
        outcome.returned += 1;
        if out.len() > limit {
            return Err(RunError::TooLarge { limit: job.limit });
        }
    }
    out.put_u8(b']');
    Ok(outcome)
}

impl Job<'_> {
    /// SQLite does not say which side of a foreign key broke; what was asked does.
    fn refused(&self, error: sqlx::Error) -> RunError {
        RunError::Driver { error, is_delete: self.statement.text().starts_with("DELETE ") }
    }
}
