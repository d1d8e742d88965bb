//! One statement on one session: bind, stream, write; with one second chance where that is safe.

use crate::{
    bind,
    error::RunError,
    pool::{Lease, Pool},
    row_writer::RowWriter,
};
use backend::{BackendError, Outcome};
use bytes::{BufMut, BytesMut};
use futures_util::TryStreamExt;
use query::{Access, Param, statement::RowsWanted};
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, Connection, Either, Executor, PgConnection};
use tokio::time::{Instant, timeout_at};

/// SQL that a renderer of this program wrote; every value in it is a parameter.
#[derive(Debug, Clone, Copy)]
pub struct RenderedSql<'a> {
    pub text: &'a str,
    pub params: &'a [Param],
    pub access: Access,
    pub rows: RowsWanted,
}

const SMALL_ANSWER: usize = 4096;

pub(crate) async fn execute(
    pool: &Pool,
    statement: RenderedSql<'_>,
    deadline: Instant,
    max_bytes: usize,
    out: &mut BytesMut,
) -> Result<Outcome, BackendError> {
    let start = out.len();
    let mut second_chance = true;
    loop {
        out.truncate(start);
        let mut lease = pool.acquire(deadline).await?;
        let limit = max_bytes.saturating_add(start);
        let ran = timeout_at(deadline, run(lease.connection(), statement, limit, out)).await;
        let error = match ran {
            // Dropping the lease cancels the statement in the database.
            Err(_) => return Err(BackendError::Timeout),
            Ok(Ok(outcome)) => {
                lease.release();
                return Ok(outcome);
            }
            Ok(Err(error)) => error,
        };
        let again = second_chance && is_worth_repeating(&error, &lease, statement.access);
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
    statement: RenderedSql<'_>,
    deadline: Instant,
) -> Result<u64, BackendError> {
    let mut out = BytesMut::new();
    execute(pool, statement, deadline, SMALL_ANSWER, &mut out).await?;
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
    execute(pool, statement, deadline, SMALL_ANSWER, &mut BytesMut::new()).await.map(drop)
}

/// A read whose idle connection had died, or any statement refused before it ran.
fn is_worth_repeating(error: &RunError, lease: &Lease, access: Access) -> bool {
    let died_idle = error.is_fatal() && lease.is_reused() && access == Access::ReadOnly;
    died_idle || error.is_stale_statement()
}

/// Give the session back in the state the error left it in.
async fn settle(pool: &Pool, mut lease: Lease, error: &RunError, deadline: Instant) {
    if error.is_fatal() {
        lease.discard();
        pool.purge();
    } else if error.is_stale_statement() {
        match timeout_at(deadline, lease.connection().clear_cached_statements()).await {
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

async fn run(
    connection: &mut PgConnection,
    statement: RenderedSql<'_>,
    limit: usize,
    out: &mut BytesMut,
) -> Result<Outcome, RunError> {
    if statement.params.len() > usize::from(u16::MAX) {
        return Err(RunError::TooManyValues { count: statement.params.len() });
    }
    let arguments = bind::arguments(statement.params)?;
    // The one place where run-time text becomes SQL: a renderer made it, from identifiers and `$n`.
    let query = sqlx::query_with(AssertSqlSafe(statement.text), arguments);
    let mut items = connection.fetch_many(query);
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
                none.insert(RowWriter::for_row(&row, statement.rows).map_err(RunError::Unwritable)?)
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
