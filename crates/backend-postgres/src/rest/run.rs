//! One exchange in one transaction: its frame and its first statement in one round trip, and its end in
//! the same one where that is known by then.

mod frame;
mod literal;
mod message;
mod params;
mod places;
mod rows;
mod unescaped;

use crate::{
    error::RunError,
    execute::{is_worth_repeating, settle, trusted},
    pool::{Afterwards, Pool, Session},
    script::TypeNames,
};
use backend::{BackendError, RestEnd, RestFrame, RestRow, RestScript, RestStatement, RestStep};
use message::Message;
use sqlx::{Connection, Executor, PgConnection};
use tokio::time::{Instant, timeout_at};

/// Where an exchange runs, and how much it may answer.
#[derive(Clone, Copy)]
pub(crate) struct Exchange<'a> {
    pub(crate) pool: &'a Pool,
    pub(crate) types: &'a TypeNames,
    pub(crate) deadline: Instant,
    pub(crate) max_bytes: usize,
}

/// How the first statement travels.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// With its frame, executed by a name that the session keeps.
    Together,
    /// After its frame, with bound values.
    Apart,
}

pub(crate) async fn run(
    on: Exchange<'_>,
    frame: RestFrame<'_>,
    script: &mut dyn RestScript,
) -> Result<(), BackendError> {
    let mut way = Way::Together;
    let mut second_chance = true;
    loop {
        let mut lease = on.pool.acquire(on.deadline).await?;
        lease.afterwards(if frame.leaves_traces { Afterwards::Wash } else { Afterwards::Keep });
        let whole = framed(lease.session(), on, frame, script, way);
        let error = match timeout_at(on.deadline, whole).await {
            // Dropping the lease cancels the statement in the database, and undoes what it did.
            Err(_) => return Err(BackendError::Timeout),
            Ok(Ok(())) => {
                lease.release();
                return Ok(());
            }
            Ok(Err(error)) => error,
        };
        let again = second_chance && is_worth_repeating(&error, &lease, frame.access);
        if error.is_stale_statement() {
            // Perhaps something between us and the database keeps no statements.
            way = Way::Apart;
        }
        settle(on.pool, lease, &error, on.deadline).await;
        if !again {
            on.types.forget_if_stale(&error);
            return Err(error.into());
        }
        second_chance = false;
    }
}

async fn framed(
    session: &mut Session,
    on: Exchange<'_>,
    frame: RestFrame<'_>,
    script: &mut dyn RestScript,
    way: Way,
) -> Result<(), RunError> {
    let ended = converse(session, on, frame, script, way).await;
    let Err(error) = ended else { return Ok(()) };
    let is_open = session.is_in_transaction && !error.is_fatal() && !error.leaves_rest_unread();
    if is_open {
        Message::ending(RestEnd::RollBack).send(session, &mut 0).await?;
    }
    Err(error)
}

async fn converse(
    session: &mut Session,
    on: Exchange<'_>,
    frame: RestFrame<'_>,
    script: &mut dyn RestScript,
    way: Way,
) -> Result<(), RunError> {
    let mut left = on.max_bytes;
    let mut step = script.next(None);
    let mut opening = Message::opening(frame, session, way);
    let together = match &step {
        RestStep::Run(one) => Some((one, None)),
        RestStep::Last(one, end) => Some((one, Some(*end))),
        RestStep::End(_) => None,
    };
    let fits = session.takes_messages && way == Way::Together;
    match together.filter(|(one, _)| fits && message::fits(one)) {
        Some((one, end)) => {
            opening.run(frame, one, &mut session.prepared);
            end.into_iter().for_each(|end| opening.end(end));
            let rows = opening.send(session, &mut left).await?;
            step = script.next(Some(rows));
            if end.is_some() {
                return Ok(());
            }
        }
        None => {
            opening.send(session, &mut left).await?;
        }
    }
    loop {
        let (statement, end) = match step {
            RestStep::Run(statement) => (statement, None),
            RestStep::Last(statement, end) => (statement, Some(end)),
            RestStep::End(end) => return close(session, end).await,
        };
        let rows = one(&mut session.connection, on.types, statement, &mut left).await?;
        step = script.next(Some(rows));
        if let Some(end) = end {
            return close(session, end).await;
        }
    }
}

async fn close(session: &mut Session, end: RestEnd) -> Result<(), RunError> {
    Message::ending(end).send(session, &mut 0).await.map(drop)
}

async fn one(
    connection: &mut PgConnection,
    types: &TypeNames,
    statement: RestStatement,
    left: &mut usize,
) -> Result<Vec<RestRow>, RunError> {
    let (text, arguments) = params::bound(connection, types, statement).await?;
    let query = sqlx::query_with(trusted(&text), arguments);
    let rows = rows::read(connection.fetch_many(query), left).await?;
    if text.len() > WORTH_KEEPING {
        // The driver keeps statements by their number, however long they are.
        connection.clear_cached_statements().await?;
    }
    Ok(rows)
}

/// A longer statement is seldom asked twice.
const WORTH_KEEPING: usize = 16 << 10;
