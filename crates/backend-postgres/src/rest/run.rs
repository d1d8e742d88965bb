//! One exchange in one transaction: its frame in one round trip, each statement in another, the end.

mod frame;
mod params;
mod places;
mod rows;

use crate::{
    error::RunError,
    execute::{is_worth_repeating, settle, trusted},
    pool::{Afterwards, Lease, Pool},
    script::TypeNames,
};
use backend::{BackendError, RestFrame, RestRow, RestScript, RestStatement, RestStep};
use sqlx::{Connection, Executor, PgConnection, Postgres, Transaction};
use tokio::time::{Instant, timeout_at};

/// Where an exchange runs, and how much it may answer.
#[derive(Clone, Copy)]
pub(crate) struct Exchange<'a> {
    pub(crate) pool: &'a Pool,
    pub(crate) types: &'a TypeNames,
    pub(crate) deadline: Instant,
    pub(crate) max_bytes: usize,
}

pub(crate) async fn run(
    on: Exchange<'_>,
    frame: RestFrame<'_>,
    script: &mut dyn RestScript,
) -> Result<(), BackendError> {
    let opening = frame::opening(frame);
    let mut second_chance = true;
    loop {
        let mut lease = on.pool.acquire(on.deadline).await?;
        let whole = framed(&mut lease, on, frame, &opening, script);
        let error = match timeout_at(on.deadline, whole).await {
            // Dropping the lease cancels the statement in the database.
            Err(_) => return Err(BackendError::Timeout),
            Ok(Ok(())) => {
                lease.release();
                return Ok(());
            }
            Ok(Err(error)) => error,
        };
        let again = second_chance && is_worth_repeating(&error, &lease, frame.access);
        settle(on.pool, lease, &error, on.deadline).await;
        if !again {
            on.types.forget_if_stale(&error);
            return Err(error.into());
        }
        second_chance = false;
    }
}

async fn framed(
    lease: &mut Lease,
    on: Exchange<'_>,
    frame: RestFrame<'_>,
    opening: &str,
    script: &mut dyn RestScript,
) -> Result<(), RunError> {
    let refused = {
        let (connection, afterwards) = lease.parts();
        // Broken off in here, the driver does not know that a transaction may have begun.
        *afterwards = Afterwards::Close;
        let begun = connection.begin_with(trusted(opening)).await;
        *afterwards = if frame.leaves_traces { Afterwards::Wash } else { Afterwards::Keep };
        match begun {
            Ok(transaction) => return within(transaction, on, frame, script).await,
            Err(refused) => RunError::from(refused),
        }
    };
    Err(not_begun(lease.connection(), refused).await)
}

async fn within(
    mut transaction: Transaction<'_, Postgres>,
    on: Exchange<'_>,
    frame: RestFrame<'_>,
    script: &mut dyn RestScript,
) -> Result<(), RunError> {
    match converse(&mut transaction, on, frame, script).await {
        Ok(End::Commit) => Ok(transaction.commit().await?),
        Ok(End::RollBack) => Ok(transaction.rollback().await?),
        Err(error) => {
            if !error.is_fatal() && !error.leaves_rest_unread() {
                transaction.rollback().await?;
            }
            Err(error)
        }
    }
}

/// A setting was refused, in a transaction that the driver does not know of.
async fn not_begun(connection: &mut PgConnection, refused: RunError) -> RunError {
    if refused.is_fatal() {
        return refused;
    }
    match connection.execute("ROLLBACK").await {
        Ok(_) => refused,
        Err(error) => error.into(),
    }
}

enum End {
    Commit,
    RollBack,
}

async fn converse(
    connection: &mut PgConnection,
    on: Exchange<'_>,
    frame: RestFrame<'_>,
    script: &mut dyn RestScript,
) -> Result<End, RunError> {
    if let Some(function) = frame.before {
        connection.execute(trusted(&frame::call(function))).await?;
    }
    let mut left = on.max_bytes;
    let mut rows: Option<Vec<RestRow>> = None;
    loop {
        match script.next(rows.take()) {
            RestStep::Run(statement) => {
                rows = Some(one(connection, on.types, statement, &mut left).await?);
            }
            RestStep::Commit => return Ok(End::Commit),
            RestStep::RollBack => return Ok(End::RollBack),
            RestStep::RollBackChecked => {
                connection.execute("SET CONSTRAINTS ALL IMMEDIATE").await?;
                return Ok(End::RollBack);
            }
        }
    }
}

async fn one(
    connection: &mut PgConnection,
    types: &TypeNames,
    statement: RestStatement,
    left: &mut usize,
) -> Result<Vec<RestRow>, RunError> {
    let (text, arguments) = params::bound(connection, types, statement).await?;
    let query = sqlx::query_with(trusted(&text), arguments);
    rows::read(connection.fetch_many(query), left).await
}
