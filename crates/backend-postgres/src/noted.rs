//! Writes whose transaction is noted before it can be committed, and how noted ones ended.

use crate::{
    error::RunError,
    execute::{self, Job, settle},
    pool::{Lease, Pool},
};
use backend::{BackendError, Fate, Mark, Marks, Outcome};
use bytes::BytesMut;
use sqlx::{Connection, PgConnection};
use tokio::time::{Instant, timeout_at};

/// The note failed, or the statement did.
enum Failure {
    Note(BackendError),
    Run(RunError),
}

impl<E: Into<RunError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Run(error.into())
    }
}

pub(crate) async fn execute(
    pool: &Pool,
    job: Job<'_>,
    marks: &dyn Marks,
    deadline: Instant,
    max_bytes: usize,
    out: &mut BytesMut,
) -> Result<Outcome, BackendError> {
    let limit = max_bytes.saturating_add(out.len());
    let mut lease: Lease = pool.acquire(deadline).await?;
    lease.afterwards(job.afterwards());
    let work = run(lease.connection(), job, marks, limit, out);
    match timeout_at(deadline, work).await {
        // Dropping the lease cancels the statement in the database.
        Err(_) => Err(BackendError::Timeout),
        Ok(Ok(outcome)) => {
            lease.release();
            Ok(outcome)
        }
        Ok(Err(Failure::Note(error))) => Err(error),
        Ok(Err(Failure::Run(error))) => {
            settle(pool, lease, &error, deadline).await;
            Err(error.into())
        }
    }
}

async fn run(
    connection: &mut PgConnection,
    job: Job<'_>,
    marks: &dyn Marks,
    limit: usize,
    out: &mut BytesMut,
) -> Result<Outcome, Failure> {
    let mut transaction = connection.begin_with("BEGIN READ WRITE").await?;
    note(&mut transaction, marks).await?.map_err(Failure::Note)?;
    match execute::run(&mut transaction, job, limit, out).await {
        Ok(outcome) => {
            transaction.commit().await?;
            Ok(outcome)
        }
        Err(error) => {
            if !error.is_fatal() && !error.leaves_rest_unread() {
                transaction.rollback().await?;
            }
            Err(error.into())
        }
    }
}

/// Ask which transaction this is, and have that noted.
pub(crate) async fn note(
    transaction: &mut PgConnection,
    marks: &dyn Marks,
) -> Result<Result<(), BackendError>, RunError> {
    // Older servers know this function as well as newer ones do.
    let (id,): (String,) =
        sqlx::query_as("select txid_current()::text").fetch_one(&mut *transaction).await?;
    Ok(marks.note(Mark::Transaction(id)).await.map_err(BackendError::from))
}

pub(crate) async fn fate(
    pool: &Pool,
    transaction: &str,
    deadline: Instant,
) -> Result<Fate, BackendError> {
    let Ok(id) = transaction.parse::<i64>() else { return Ok(Fate::Unknown) };
    let mut lease = pool.acquire(deadline).await?;
    let asked = sqlx::query_as("select txid_status($1)").bind(id).fetch_one(lease.connection());
    let asked: Result<(Option<String>,), sqlx::Error> =
        timeout_at(deadline, asked).await.map_err(|_elapsed| BackendError::Timeout)?;
    match asked {
        Ok((word,)) => {
            lease.release();
            Ok(match word.as_deref() {
                Some("committed") => Fate::Committed,
                Some("aborted") => Fate::RolledBack,
                Some("in progress") => Fate::Running,
                _ => Fate::Unknown,
            })
        }
        // A number that no transaction had yet: another database stands there now.
        Err(sqlx::Error::Database(_)) => {
            lease.release();
            Ok(Fate::Unknown)
        }
        Err(error) => {
            let error = RunError::from(error);
            settle(pool, lease, &error, deadline).await;
            Err(error.into())
        }
    }
}
