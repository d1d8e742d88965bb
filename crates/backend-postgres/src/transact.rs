//! Several rendered statements in one transaction.

use crate::{
    error::RunError,
    execute::{self, Job, is_worth_repeating, settle},
    pool::{Afterwards, Pool},
};
use backend::{BackendError, Isolation, Outcome, TransactionOptions};
use bytes::{Bytes, BytesMut};
use query::{Access, Statement};
use sqlx::{Connection, PgConnection};
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

impl From<Failure> for BackendError {
    fn from(failure: Failure) -> Self {
        let source = failure.error.into();
        match failure.statement {
            Some(index) => Self::InStatement { index, source: Box::new(source) },
            None => source,
        }
    }
}

pub(crate) async fn transact(
    pool: &Pool,
    statements: &[Statement],
    options: TransactionOptions,
    deadline: Instant,
    max_bytes: usize,
) -> Result<Vec<(Bytes, Outcome)>, BackendError> {
    let access = if options.read_only { Access::ReadOnly } else { Access::ReadWrite };
    let wash = statements.iter().any(|one| Job::of(one).afterwards() == Afterwards::Wash);
    let mut second_chance = true;
    loop {
        let mut lease = pool.acquire(deadline).await?;
        lease.afterwards(if wash { Afterwards::Wash } else { Afterwards::Keep });
        let work = run(lease.connection(), statements, options, max_bytes);
        let failure = match timeout_at(deadline, work).await {
            Err(_) => return Err(BackendError::Timeout),
            Ok(Ok(answers)) => {
                lease.release();
                return Ok(answers);
            }
            Ok(Err(failure)) => failure,
        };
        let again = second_chance && is_worth_repeating(&failure.error, &lease, access);
        settle(pool, lease, &failure.error, deadline).await;
        if !again {
            return Err(failure.into());
        }
        second_chance = false;
    }
}

async fn run(
    connection: &mut PgConnection,
    statements: &[Statement],
    options: TransactionOptions,
    max_bytes: usize,
) -> Result<Vec<(Bytes, Outcome)>, Failure> {
    let mut transaction = connection.begin_with(begin(options)).await?;
    match all(&mut transaction, statements, max_bytes).await {
        Ok(answers) => {
            transaction.commit().await?;
            Ok(answers)
        }
        Err(failure) => {
            if !failure.error.is_fatal() && !failure.error.leaves_rest_unread() {
                transaction.rollback().await?;
            }
            Err(failure)
        }
    }
}

async fn all(
    connection: &mut PgConnection,
    statements: &[Statement],
    max_bytes: usize,
) -> Result<Vec<(Bytes, Outcome)>, Failure> {
    let mut answers = Vec::with_capacity(statements.len());
    let mut left = max_bytes;
    for (index, statement) in statements.iter().enumerate() {
        let mut out = BytesMut::new();
        let ran = execute::run(connection, Job::of(statement), left, &mut out).await;
        let outcome = ran.map_err(|error| Failure { statement: Some(index), error })?;
        left = left.saturating_sub(out.len());
        answers.push((out.freeze(), outcome));
    }
    Ok(answers)
}

/// `BEGIN` with each combination of what can be asked, as fixed words.
fn begin(options: TransactionOptions) -> &'static str {
    macro_rules! with {
        ($level:literal) => {
            match (options.read_only, options.deferrable) {
                (false, false) => concat!("BEGIN", $level, " READ WRITE"),
                (false, true) => concat!("BEGIN", $level, " READ WRITE DEFERRABLE"),
                (true, false) => concat!("BEGIN", $level, " READ ONLY"),
                (true, true) => concat!("BEGIN", $level, " READ ONLY DEFERRABLE"),
            }
        };
    }
    match options.isolation {
        None => with!(""),
        Some(Isolation::ReadCommitted) => with!(" ISOLATION LEVEL READ COMMITTED"),
        Some(Isolation::RepeatableRead) => with!(" ISOLATION LEVEL REPEATABLE READ"),
        Some(Isolation::Serializable) => with!(" ISOLATION LEVEL SERIALIZABLE"),
    }
}
