//! Statements that callers wrote themselves: one alone, or several as one transaction.

mod answer;
mod params;

pub(crate) use params::TypeNames;

use crate::{
    error::RunError,
    execute::{is_worth_repeating, settle},
    noted,
    pool::{Afterwards, Pool},
};
use answer::Answer;
use backend::{BackendError, Mark, Marks, ScriptOutcome, ScriptRun};
use bytes::BytesMut;
use params::Suspect;
use query::{
    Access,
    sql::{SqlError, SqlStatement, StatementKind},
};
use sqlx::{Connection, PgConnection};
use tokio::time::{Instant, timeout_at};

/// How the statements stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// No transaction but its own.
    Alone,
    /// `BEGIN READ ONLY … ROLLBACK`
    ReadOnly,
    /// `BEGIN … COMMIT`
    Together,
}

pub(crate) async fn run(
    pool: &Pool,
    types: &TypeNames,
    (script, marks): (ScriptRun<'_>, Option<&dyn Marks>),
    deadline: Instant,
    max_bytes: usize,
    out: &mut BytesMut,
) -> Result<ScriptOutcome, BackendError> {
    check(script)?;
    let framing = framing(script, marks.is_some());
    if let (Some(marks), Framing::Alone) = (marks, framing) {
        marks.note(Mark::Blind).await?;
    }
    let start = out.len();
    let limit = max_bytes.saturating_add(start);
    let mut second_chance = true;
    loop {
        out.truncate(start);
        let mut lease = pool.acquire(deadline).await?;
        lease.afterwards(afterwards(script));
        let mut answer = Answer::new(script, limit, out);
        let work = framed(lease.connection(), types, (script, framing, marks), &mut answer);
        let failure = match timeout_at(deadline, work).await {
            Err(_) => return Err(BackendError::Timeout),
            Ok(Ok(Done::Read)) => {
                lease.release();
                return Ok(answer.outcome);
            }
            // Nobody waits for the rest: dropping the lease cancels the statement.
            Ok(Ok(Done::CutShort)) => return Ok(answer.outcome),
            Ok(Err(Broken::NotNoted(error))) => return Err(error),
            Ok(Err(Broken::Failed(failure))) => *failure,
        };
        let again = second_chance && is_worth_repeating(&failure.error, &lease, script.access);
        if !again && let Some(culprit) = params::culprit(&mut lease, &failure, deadline).await {
            lease.release();
            return Err(culprit);
        }
        settle(pool, lease, &failure.error, deadline).await;
        if !again {
            types.forget_if_stale(&failure.error);
            return Err(failure.into());
        }
        second_chance = false;
    }
}

/// What failed, and which parameters may be to blame.
struct Failure {
    /// Counted from 0; `None` when there is only one.
    statement: Option<usize>,
    error: RunError,
    suspects: Vec<Suspect>,
    /// The database read another text than the caller wrote, so its positions mean nothing.
    is_rewritten: bool,
}

/// Why a script did not end well.
enum Broken {
    /// The transaction could not be noted, so nothing of it was run.
    NotNoted(BackendError),
    Failed(Box<Failure>),
}

impl<E: Into<Failure>> From<E> for Broken {
    fn from(failure: E) -> Self {
        Self::Failed(Box::new(failure.into()))
    }
}

impl<E: Into<RunError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { statement: None, error: error.into(), suspects: Vec::new(), is_rewritten: false }
    }
}

impl From<Failure> for BackendError {
    fn from(failure: Failure) -> Self {
        let mut source = failure.error.into();
        if let (true, Self::Database(error)) = (failure.is_rewritten, &mut source) {
            error.position = None;
        }
        match failure.statement {
            Some(index) => Self::InStatement { index, source: Box::new(source) },
            None => source,
        }
    }
}

/// What can be known to be wrong before anything runs.
fn check(script: ScriptRun<'_>) -> Result<(), BackendError> {
    if script.access == Access::ReadOnly {
        script.script.must_read()?;
    }
    let given = script.params.len();
    if given > usize::from(u16::MAX) {
        return Err(BackendError::TooManyValues { count: given });
    }
    let Some(only) = script.script.single() else {
        return match given {
            0 => Ok(()),
            _ => Err(SqlError::ParametersForScript.into()),
        };
    };
    // In the body of a new function `$1` is an argument.
    if given == 0 && only.kind() == StatementKind::Command {
        return Ok(());
    }
    match only.parameter_count() {
        expected if expected == given => Ok(()),
        expected => Err(BackendError::ParameterCount { expected, given }),
    }
}

fn framing(script: ScriptRun<'_>, is_noted: bool) -> Framing {
    let is_command = |one: &SqlStatement| one.kind() == StatementKind::Command;
    match (script.script.single(), script.access) {
        (Some(only), Access::ReadOnly) if only.is_plain_read() => Framing::Alone,
        (_, Access::ReadOnly) => Framing::ReadOnly,
        // Some commands refuse to be part of a transaction.
        (Some(only), Access::ReadWrite) if is_noted && !is_command(only) => Framing::Together,
        (Some(_), Access::ReadWrite) => Framing::Alone,
        (None, Access::ReadWrite) => Framing::Together,
    }
}

/// Whoever comes next must find a session as it was when it began.
fn afterwards(script: ScriptRun<'_>) -> Afterwards {
    let is_plain = |statement: &SqlStatement| match script.access {
        Access::ReadOnly => statement.is_plain_read(),
        Access::ReadWrite => statement.is_plain_read() || statement.is_plain_change(),
    };
    match (script.script.statements().iter().all(is_plain), script.access) {
        (true, _) => Afterwards::Keep,
        // Rolled back, so what is left are locks and the like.
        (false, Access::ReadOnly) => Afterwards::Wash,
        (false, Access::ReadWrite) => Afterwards::Close,
    }
}

enum Done {
    Read,
    /// There were more rows than wanted, and they are still coming.
    CutShort,
}

async fn framed(
    connection: &mut PgConnection,
    types: &TypeNames,
    (script, framing, marks): (ScriptRun<'_>, Framing, Option<&dyn Marks>),
    answer: &mut Answer<'_>,
) -> Result<Done, Broken> {
    let begin = match framing {
        Framing::Alone => return Ok(all(connection, types, script, answer).await?),
        Framing::ReadOnly => "BEGIN READ ONLY",
        Framing::Together => "BEGIN READ WRITE",
    };
    let mut transaction = connection.begin_with(begin).await.map_err(Failure::from)?;
    if let (Some(marks), Framing::Together) = (marks, framing) {
        let noted = noted::note(&mut transaction, marks).await.map_err(Failure::from)?;
        noted.map_err(Broken::NotNoted)?;
    }
    match all(&mut transaction, types, script, answer).await {
        Ok(Done::CutShort) => Ok(Done::CutShort),
        Ok(Done::Read) if script.access == Access::ReadWrite => {
            transaction.commit().await.map_err(Failure::from)?;
            Ok(Done::Read)
        }
        Ok(Done::Read) => {
            transaction.rollback().await.map_err(Failure::from)?;
            Ok(Done::Read)
        }
        Err(failure) => {
            if !failure.error.is_fatal() && !failure.error.leaves_rest_unread() {
                transaction.rollback().await.map_err(Failure::from)?;
            }
            Err(failure.into())
        }
    }
}

async fn all(
    connection: &mut PgConnection,
    types: &TypeNames,
    script: ScriptRun<'_>,
    answer: &mut Answer<'_>,
) -> Result<Done, Failure> {
    let statements = script.script.statements();
    for (index, statement) in statements.iter().enumerate() {
        let ran = one(connection, types, statement, script, answer).await;
        match ran {
            Ok(Done::Read) => {}
            Ok(Done::CutShort) => return Ok(Done::CutShort),
            Err(failure) if statements.len() == 1 => return Err(failure),
            Err(failure) => return Err(Failure { statement: Some(index), ..failure }),
        }
    }
    Ok(Done::Read)
}

async fn one(
    connection: &mut PgConnection,
    types: &TypeNames,
    statement: &SqlStatement,
    script: ScriptRun<'_>,
    answer: &mut Answer<'_>,
) -> Result<Done, Failure> {
    if script.params.is_empty() {
        return Ok(answer
            .read(connection, statement, statement.text(), Default::default())
            .await?);
    }
    let prepared = params::prepare(connection, types, statement, script.params).await?;
    let text = prepared.text.as_deref().unwrap_or_else(|| statement.text());
    let ran = answer.read(connection, statement, text, prepared.arguments).await;
    ran.map_err(|error| Failure {
        statement: None,
        error,
        suspects: prepared.suspects,
        is_rewritten: prepared.text.is_some(),
    })
}
