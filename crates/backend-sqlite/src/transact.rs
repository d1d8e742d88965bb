//! Several rendered statements in one transaction. Every SQLite transaction is serializable, so
//! each level of isolation that can be asked for is kept.

use crate::{
    declared::Types,
    error::RunError,
    execute::{self, Job},
    pool::Pool,
};
use backend::{BackendError, Outcome};
use bytes::{Bytes, BytesMut};
use query::{Access, Statement};
use sqlx::{Executor, SqliteConnection};
use tokio::time::{Instant, timeout_at};

/// What failed: one of the statements, or the transaction around them.
pub(crate) struct Failure {
    pub(crate) statement: Option<usize>,
    pub(crate) error: RunError,
}

impl<E: Into<RunError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { statement: None, error: error.into() }
    }
}

impl AsRef<RunError> for Failure {
    fn as_ref(&self) -> &RunError {
        &self.error
    }
}

impl From<Failure> for BackendError {
    fn from(Failure { statement, error }: Failure) -> Self {
        match statement {
            Some(index) => Self::InStatement { index, source: Box::new(error.into()) },
            None => error.into(),
        }
    }
}

/// A writer takes its lock at once: a reader that becomes one in the middle may be refused.
pub(crate) fn begin(access: Access) -> &'static str {
    match access {
        Access::ReadOnly => "BEGIN",
        Access::ReadWrite => "BEGIN IMMEDIATE",
    }
}

pub(crate) async fn transact(
    pool: &Pool,
    access: Access,
    statements: &[Statement],
    types: &Types,
    deadline: Instant,
    limit: usize,
) -> Result<Vec<(Bytes, Outcome)>, BackendError> {
    let mut lease = pool.acquire(deadline).await?;
    let work = run(lease.connection(), access, statements, types, limit);
    // Dropping the lease rolls back.
    let ran = timeout_at(deadline, work).await.map_err(|_| BackendError::Timeout)?;
    // A reader's transaction has to end as well.
    execute::settle(lease, Access::ReadWrite, ran).await
}

async fn run(
    connection: &mut SqliteConnection,
    access: Access,
    statements: &[Statement],
    types: &Types,
    limit: usize,
) -> Result<Vec<(Bytes, Outcome)>, Failure> {
    connection.execute(begin(access)).await?;
    let mut answers = Vec::with_capacity(statements.len());
    let mut left = limit;
    for (index, statement) in statements.iter().enumerate() {
        let mut out = BytesMut::new();
        let job = Job { statement, types, limit: left };
        let ran = execute::run(connection, job, &mut out).await;
        let outcome = ran.map_err(|error| Failure { statement: Some(index), error })?;
        left = left.saturating_sub(out.len());
        answers.push((out.freeze(), outcome));
    }
    connection.execute("COMMIT").await?;
    Ok(answers)
}
