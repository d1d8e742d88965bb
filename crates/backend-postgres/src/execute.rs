//! One statement on one session: bind, stream, write; with one second chance where that is safe.

use crate::{
    bind,
    error::RunError,
    pool::{Afterwards, Lease, Pool},
    row_writer::RowWriter,
};
use backend::{BackendError, Outcome};
use bytes::{BufMut, BytesMut};
use futures_util::TryStreamExt;
use query::{
    Access, Param, Statement,
    statement::{Effects, RowsWanted},
};
use serde_json::{Map, Value};
use sqlx::{
    AssertSqlSafe, Either, Executor, PgConnection, Postgres, Row, SqlSafeStr, SqlStr,
    postgres::{PgArguments, PgRow},
    query::Query,
};
use tokio::time::{Instant, timeout_at};

/// SQL that a renderer of this program wrote; every value in it is a parameter.
#[derive(Debug, Clone, Copy)]
pub struct RenderedSql<'a> {
    pub text: &'a str,
    pub params: &'a [Param],
    pub access: Access,
    pub rows: RowsWanted,
}

/// A statement and what its planner knew about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) sql: RenderedSql<'a>,
    pub(crate) effects: Effects,
    /// The first column is the number of all rows.
    pub(crate) counts: bool,
}

impl<'a> Job<'a> {
    pub(crate) fn of(statement: &'a Statement) -> Self {
        Self {
            sql: RenderedSql {
                text: statement.text(),
                params: statement.params(),
                access: statement.access(),
                rows: statement.rows(),
            },
            effects: statement.effects(),
            counts: statement.counts(),
        }
    }

    pub(crate) fn plain(sql: RenderedSql<'a>) -> Self {
        Self { sql, effects: Effects::None, counts: false }
    }

    pub(crate) fn afterwards(&self) -> Afterwards {
        match self.effects {
            Effects::None => Afterwards::Keep,
            Effects::Possible => Afterwards::Wash,
        }
    }
}

const SMALL_ANSWER: usize = 4096;

pub(crate) async fn execute(
    pool: &Pool,
    job: Job<'_>,
    deadline: Instant,
    max_bytes: usize,
    out: &mut BytesMut,
) -> Result<Outcome, BackendError> {
    let lease = pool.acquire(deadline).await?;
    execute_on(pool, lease, job, deadline, max_bytes, out).await
}

/// The same on a session that is there already.
pub(crate) async fn execute_on(
    pool: &Pool,
    lease: Lease,
    job: Job<'_>,
    deadline: Instant,
    max_bytes: usize,
    out: &mut BytesMut,
) -> Result<Outcome, BackendError> {
    let start = out.len();
    let mut second_chance = true;
    let mut first = Some(lease);
    loop {
        out.truncate(start);
        let mut lease = match first.take() {
            Some(lease) => lease,
            None => pool.acquire(deadline).await?,
        };
        lease.afterwards(job.afterwards());
        let limit = max_bytes.saturating_add(start);
        let ran = timeout_at(deadline, run(lease.connection(), job, limit, out)).await;
        let error = match ran {
            // Dropping the lease cancels the statement in the database.
            Err(_) => return Err(BackendError::Timeout),
            Ok(Ok(outcome)) => {
                lease.release();
                return Ok(outcome);
            }
            Ok(Err(error)) => error,
        };
        let again = second_chance && is_worth_repeating(&error, &lease, job.sql.access);
        settle(pool, lease, &error, deadline).await;
        if !again {
            return Err(error.into());
        }
        second_chance = false;
    }
}

/// The one number a count statement answers with.
pub(crate) async fn count(
    pool: &Pool,
    job: Job<'_>,
    deadline: Instant,
) -> Result<u64, BackendError> {
    let mut out = BytesMut::new();
    execute(pool, job, deadline, SMALL_ANSWER, &mut out).await?;
    let rows: Vec<Map<String, Value>> = serde_json::from_slice(&out)
        .map_err(|source| BackendError::Protocol { source: source.into() })?;
    let count = rows.first().and_then(|row| row.values().next()).and_then(Value::as_u64);
    count.ok_or_else(|| BackendError::Decode {
        column: "count".to_owned(),
        type_name: "not a count".to_owned(),
    })
}

/// One cheap round trip.
pub(crate) async fn ping(pool: &Pool, deadline: Instant) -> Result<(), BackendError> {
    let statement = RenderedSql {
        text: "SELECT 1 AS alive",
        params: &[],
        access: Access::ReadOnly,
        rows: RowsWanted::Objects,
    };
    execute(pool, Job::plain(statement), deadline, SMALL_ANSWER, &mut BytesMut::new())
        .await
        .map(drop)
}

/// A read whose idle connection had died, or any statement refused before it ran.
pub(crate) fn is_worth_repeating(error: &RunError, lease: &Lease, access: Access) -> bool {
    let died_idle = error.is_fatal() && lease.is_reused() && access == Access::ReadOnly;
    died_idle || error.is_stale_statement()
}

/// Give the session back in the state the error left it in.
pub(crate) async fn settle(pool: &Pool, mut lease: Lease, error: &RunError, deadline: Instant) {
    if error.is_fatal() {
        lease.discard();
        pool.purge();
    } else if error.is_stale_statement() {
        match timeout_at(deadline, lease.forget_statements()).await {
            Ok(Ok(())) => lease.release(),
            Ok(Err(_)) | Err(_) => lease.discard(),
        }
    } else if error.leaves_rest_unread() {
        // Cancelled like a statement nobody waits for, which it is.
        drop(lease);
    } else {
        lease.release();
    }
}

/// The one place where run-time text becomes SQL: a renderer made it, from identifiers and `$n`, or
/// it is a caller's own statement, run under the rights for that.
pub(crate) fn trusted(text: &str) -> SqlStr {
    AssertSqlSafe(text).into_sql_str()
}

/// A statement with its values, ready to run.
pub(crate) fn bound(
    statement: RenderedSql<'_>,
) -> Result<Query<'static, Postgres, PgArguments>, RunError> {
    if statement.params.len() > usize::from(u16::MAX) {
        return Err(RunError::TooManyValues { count: statement.params.len() });
    }
    let arguments = bind::arguments(statement.params)?;
    Ok(sqlx::query_with(trusted(statement.text), arguments))
}

/// Run on one session and append the rows as one JSON array.
pub(crate) async fn run(
    connection: &mut PgConnection,
    job: Job<'_>,
    limit: usize,
    out: &mut BytesMut,
) -> Result<Outcome, RunError> {
    let mut items = connection.fetch_many(bound(job.sql)?);
    let mut outcome = Outcome::default();
    let mut writer: Option<RowWriter> = None;
    out.put_u8(b'[');
    while let Some(item) = items.try_next().await? {
        let row = match item {
            Either::Left(done) => {
                outcome.affected += done.rows_affected();
                continue;
            }
            Either::Right(row) => row,
        };
        let writer = match &mut writer {
            Some(writer) => {
                out.put_u8(b',');
                writer
            }
            none => {
                outcome.count = count_in(&row, job)?;
                let made = RowWriter::for_row(&row, job.sql.rows, usize::from(job.counts));
                none.insert(made.map_err(RunError::Unwritable)?)
            }
        };
        writer.write(&row, out).map_err(RunError::Unwritable)?;
        outcome.returned += 1;
        if out.len() > limit {
            return Err(RunError::TooLarge { limit });
        }
    }
    out.put_u8(b']');
    Ok(outcome)
}

fn count_in(row: &PgRow, job: Job<'_>) -> Result<Option<u64>, RunError> {
    if !job.counts {
        return Ok(None);
    }
    let count: i64 = row.try_get(0)?;
    Ok(u64::try_from(count).ok())
}
