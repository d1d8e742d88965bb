//! Reads of single rows that find others like them under way: the next statement answers all of
//! those that wait, instead of one statement for each.
//!
//! Nobody waits who would not have to: up to half of the sessions, each read has a statement of its
//! own. What goes wrong with many is tried again by each alone, so nobody is told of another's error.

use crate::{
    bind,
    error::RunError,
    execute::{self, Job},
    pool::{Lease, Pool},
    row_writer::RowWriter,
};
use backend::{BackendError, Outcome};
use bytes::{BufMut, BytesMut};
use futures_util::TryStreamExt;
use query::{Param, Statement, statement::RowsWanted};
use sqlx::{AssertSqlSafe, Either, Executor, PgConnection, Row};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

/// So many at most are answered by one statement.
const MOST: usize = 64;

/// The reads under way, by what they must have in common to be answered by one statement.
pub(crate) struct Gathering {
    /// So many statements of one kind at a time.
    most_running: usize,
    kinds: Mutex<HashMap<Kind, Reads>>,
}

/// The text that answers several of them, and how their rows are written.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Kind {
    text: Arc<str>,
    rows: RowsWanted,
}

#[derive(Default)]
struct Reads {
    running: usize,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    params: Vec<Param>,
    told: oneshot::Sender<Told>,
}

enum Told {
    /// It is your turn, and all who wait come with you.
    Turn(Turn),
    Answered {
        rows: BytesMut,
        outcome: Outcome,
    },
}

/// The right to run a statement; passed on at its end.
struct Turn {
    gathering: Arc<Gathering>,
    kind: Kind,
}

impl Gathering {
    pub(crate) fn beside(sessions: u32) -> Arc<Self> {
        let most_running = (sessions as usize / 2).max(1);
        Arc::new(Self { most_running, kinds: Mutex::default() })
    }

    fn kinds(&self) -> MutexGuard<'_, HashMap<Kind, Reads>> {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(
        self: &Arc<Self>,
        kind: Kind,
        params: &[Param],
    ) -> Result<Turn, oneshot::Receiver<Told>> {
        let mut kinds = self.kinds();
        let reads = kinds.entry(kind.clone()).or_default();
        if reads.running < self.most_running {
            reads.running += 1;
            return Ok(Turn { gathering: Arc::clone(self), kind });
        }
        let (told, hears) = oneshot::channel();
        reads.waiting.push_back(Waiting { params: params.to_vec(), told });
        Err(hears)
    }
}

impl Turn {
    /// Those who wait and have not gone.
    fn others(&self) -> Vec<Waiting> {
        let mut kinds = self.gathering.kinds();
        let Some(reads) = kinds.get_mut(&self.kind) else { return Vec::new() };
        let count = reads.waiting.len().min(MOST - 1);
        reads.waiting.drain(..count).filter(|waiting| !waiting.told.is_closed()).collect()
    }

    /// Who is next, if anybody still waits.
    fn next(&self) -> Option<oneshot::Sender<Told>> {
        let mut kinds = self.gathering.kinds();
        let reads = kinds.get_mut(&self.kind)?;
        while let Some(waiting) = reads.waiting.pop_front() {
            if !waiting.told.is_closed() {
                // It goes with its own values, and needs no copy of them any more.
                return Some(waiting.told);
            }
        }
        reads.running -= 1;
        if reads.running == 0 {
            kinds.remove(&self.kind);
        }
        None
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(next) = self.next() {
            let (gathering, kind) = (Arc::clone(&self.gathering), self.kind.clone());
            // If it is gone by now, its turn comes back here and is dropped again.
            let _heard = next.send(Told::Turn(Self { gathering, kind }));
        }
    }
}

/// Run the statement, or have its rows from one that was run for several.
pub(crate) async fn execute(
    (gathering, pool): (&Arc<Gathering>, &Pool),
    (statement, text): (&Statement, &Arc<str>),
    deadline: Instant,
    max_bytes: usize,
    out: &mut BytesMut,
) -> Result<Outcome, BackendError> {
    let job = Job::of(statement);
    let kind = Kind { text: Arc::clone(text), rows: statement.rows() };
    let turn = match gathering.enter(kind, statement.params()) {
        Ok(turn) => turn,
        Err(hears) => match timeout_at(half_way_to(deadline), hears).await {
            Ok(Ok(Told::Turn(turn))) => turn,
            Ok(Ok(Told::Answered { rows, outcome })) => {
                out.extend_from_slice(&rows);
                return Ok(outcome);
            }
            // Whoever would have answered was stopped, or failed, or takes too long.
            Ok(Err(_)) | Err(_) => {
                return execute::execute(pool, job, deadline, max_bytes, out).await;
            }
        },
    };
    let lease = pool.acquire(deadline).await?;
    let others = turn.others();
    if others.is_empty() {
        return execute::execute_on(pool, lease, job, deadline, max_bytes, out).await;
    }
    match together((pool, lease), (job, text), others, deadline, max_bytes, out).await? {
        Some(outcome) => Ok(outcome),
        None => {
            drop(turn);
            execute::execute(pool, job, deadline, max_bytes, out).await
        }
    }
}

/// Nobody loses more of their time than this to waiting for company.
fn half_way_to(deadline: Instant) -> Instant {
    let now = Instant::now();
    now + deadline.saturating_duration_since(now) / 2
}

/// One statement for all. `None` says that each has to go alone.
async fn together(
    (pool, mut lease): (&Pool, Lease),
    (job, text): (Job<'_>, &Arc<str>),
    others: Vec<Waiting>,
    deadline: Instant,
    max_bytes: usize,
    out: &mut BytesMut,
) -> Result<Option<Outcome>, BackendError> {
    let lists: Vec<&[Param]> =
        [job.sql.params].into_iter().chain(others.iter().map(|it| it.params.as_slice())).collect();
    let ran = run(lease.connection(), (job, text), &lists, max_bytes);
    let answers = match timeout_at(deadline, ran).await {
        // Dropping the lease cancels the statement in the database.
        Err(_) => return Err(BackendError::Timeout),
        Ok(Ok(answers)) => answers,
        Ok(Err(error)) => {
            tracing::debug!(error = %error, reads = lists.len(), "each of several reads goes alone");
            execute::settle(pool, lease, &error, deadline).await;
            return Ok(None);
        }
    };
    lease.release();
    let mut answers = answers.into_iter();
    let own = answers.next().map(|Rows { text, outcome }| {
        out.extend_from_slice(&text);
        outcome
    });
    for (waiting, Rows { text, outcome }) in others.into_iter().zip(answers) {
        // Who is gone needs no answer.
        let _heard = waiting.told.send(Told::Answered { rows: text, outcome });
    }
    Ok(own)
}

/// The rows for one list of values.
#[derive(Default)]
struct Rows {
    text: BytesMut,
    outcome: Outcome,
}

async fn run(
    connection: &mut PgConnection,
    (job, text): (Job<'_>, &Arc<str>),
    lists: &[&[Param]],
    max_bytes: usize,
) -> Result<Vec<Rows>, RunError> {
    let text = AssertSqlSafe(Arc::clone(text));
    let mut items = connection.fetch_many(sqlx::query_with(text, bind::columns(lists)?));
    let mut answers: Vec<Rows> = Vec::new();
    answers.resize_with(lists.len(), Rows::default);
    let mut writer: Option<RowWriter> = None;
    let mut bytes = 0;
    while let Some(item) = items.try_next().await? {
        let Either::Right(row) = item else { continue };
        let number: i64 = row.try_get(0)?;
        let place = usize::try_from(number - 1).ok().and_then(|place| answers.get_mut(place));
        let Some(Rows { text, outcome }) = place else {
            return Err(sqlx::Error::Protocol(format!("a row for list {number}")).into());
        };
        let writer = match &writer {
            Some(writer) => writer,
            None => {
                let made = RowWriter::for_row(&row, job.sql.rows, 1);
                writer.insert(made.map_err(RunError::Unwritable)?)
            }
        };
        let before = text.len();
        text.put_u8(if outcome.returned == 0 { b'[' } else { b',' });
        writer.write(&row, text).map_err(RunError::Unwritable)?;
        outcome.returned += 1;
        outcome.affected += 1;
        // All of them together: they are in memory at the same time.
        bytes += text.len() - before;
        if bytes > max_bytes {
            return Err(RunError::TooLarge { limit: max_bytes });
        }
    }
    for Rows { text, .. } in &mut answers {
        text.extend_from_slice(if text.is_empty() { b"[]" } else { b"]" });
    }
    Ok(answers)
}
