//! Rows handed on while they come: a task reads, two pieces wait, a reader who leaves ends it all.

use crate::{
    error::RunError,
    execute::{self, Job, is_worth_repeating, settle},
    pool::Pool,
    row_writer::RowWriter,
};
use backend::{BackendError, Chunks, RowFormat};
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{FutureExt, StreamExt, stream::poll_fn};
use query::{Access, Statement};
use sqlx::{
    Connection, Either, Executor,
    postgres::{PgQueryResult, PgRow},
};
use std::time::Duration;
use tokio::{
    select,
    sync::mpsc::{self, Sender},
    time::{Instant, timeout, timeout_at},
};

const CHUNK: usize = 64 << 10;
const WAITING: usize = 2;
/// Rows that came are not kept back longer than this while others are awaited.
const LINGER: Duration = Duration::from_millis(50);

// The database must not count a slow reader's time against the statement.
const BEGIN_READ: &str = "BEGIN READ ONLY; SET LOCAL statement_timeout = '1h'";
const BEGIN_WRITE: &str = "BEGIN; SET LOCAL statement_timeout = '1h'";
/// The end of every stream, whatever its reader does.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// What is streamed, and how patiently.
pub(crate) struct Streaming {
    pub(crate) statement: Statement,
    pub(crate) format: RowFormat,
    pub(crate) deadline: Duration,
    pub(crate) reader_patience: Duration,
    pub(crate) max_bytes: usize,
}

type Item = Result<Either<PgQueryResult, PgRow>, sqlx::Error>;

pub(crate) fn stream(pool: Pool, streaming: Streaming) -> Chunks {
    let (sender, mut receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let produced = timeout(LONGEST, produce(&pool, &streaming, &sender)).await;
        if let Err(error) = produced.unwrap_or(Err(BackendError::ReaderTooSlow)) {
            // A reader who takes nothing for so long will not miss the error.
            let _gone = timeout(streaming.reader_patience, sender.send(Err(error))).await;
        }
    });
    poll_fn(move |context| receiver.poll_recv(context)).boxed()
}

async fn produce(
    pool: &Pool,
    streaming: &Streaming,
    sender: &Sender<Result<Bytes, BackendError>>,
) -> Result<(), BackendError> {
    let first_row = Instant::now() + streaming.deadline;
    let job = Job::of(&streaming.statement);
    let mut second_chance = true;
    loop {
        let mut lease = select! {
            () = sender.closed() => return Ok(()),
            lease = pool.acquire(first_row) => lease?,
        };
        lease.afterwards(job.afterwards());
        let mut pipe = Pipe::new(streaming, sender, first_row);
        let ran = select! {
            // Dropping the lease cancels the statement in the database.
            () = sender.closed() => return Ok(()),
            ran = run(lease.connection(), job, &mut pipe) => ran,
        };
        let error = match ran {
            Ok(()) => {
                lease.release();
                return pipe.finish().await;
            }
            Err(Stopped::Run(error)) => error,
            Err(Stopped::Late(error)) => return Err(error),
        };
        let again =
            second_chance && !pipe.has_sent && is_worth_repeating(&error, &lease, job.sql.access);
        settle(pool, lease, &error, first_row).await;
        if !again {
            return Err(error.into());
        }
        second_chance = false;
    }
}

/// Why reading stopped: the statement failed, or somebody took too long and the rest is unread.
enum Stopped {
    Run(RunError),
    Late(BackendError),
}

impl<E: Into<RunError>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Run(error.into())
    }
}

async fn run(
    connection: &mut sqlx::PgConnection,
    job: Job<'_>,
    pipe: &mut Pipe<'_>,
) -> Result<(), Stopped> {
    let begin = match job.sql.access {
        Access::ReadOnly => BEGIN_READ,
        Access::ReadWrite => BEGIN_WRITE,
    };
    let begun = timeout_at(pipe.first_row, connection.begin_with(begin)).await;
    let mut transaction = begun.map_err(|_| Stopped::Late(BackendError::Timeout))??;
    let ran = rows(&mut transaction, job, pipe).await;
    match ran {
        Ok(()) => Ok(transaction.commit().await?),
        Err(Stopped::Run(error)) if !error.is_fatal() && !error.leaves_rest_unread() => {
            transaction.rollback().await?;
            Err(Stopped::Run(error))
        }
        Err(stopped) => Err(stopped),
    }
}

async fn rows(
    connection: &mut sqlx::PgConnection,
    job: Job<'_>,
    pipe: &mut Pipe<'_>,
) -> Result<(), Stopped> {
    let mut items = connection.fetch_many(execute::bound(job.sql)?);
    let mut writer: Option<RowWriter> = None;
    while let Some(item) = pipe.next(&mut items).await? {
        let Either::Right(row) = item? else { continue };
        let writer = match &mut writer {
            Some(writer) => writer,
            none => {
                let made = RowWriter::for_row(&row, job.sql.rows, usize::from(job.counts));
                none.insert(made.map_err(RunError::Unwritable)?)
            }
        };
        pipe.write(writer, &row).await?;
    }
    Ok(())
}

/// Rows on their way into the channel.
struct Pipe<'a> {
    streaming: &'a Streaming,
    sender: &'a Sender<Result<Bytes, BackendError>>,
    first_row: Instant,
    buffer: BytesMut,
    has_rows: bool,
    has_sent: bool,
}

impl<'a> Pipe<'a> {
    fn new(
        streaming: &'a Streaming,
        sender: &'a Sender<Result<Bytes, BackendError>>,
        first_row: Instant,
    ) -> Self {
        let buffer = BytesMut::with_capacity(CHUNK + CHUNK / 8);
        Self { streaming, sender, first_row, buffer, has_rows: false, has_sent: false }
    }

    /// The next row as soon as it is there. While it is not, those that came before are sent.
    async fn next(
        &mut self,
        items: &mut (impl StreamExt<Item = Item> + Unpin),
    ) -> Result<Option<Item>, Stopped> {
        if let Some(item) = items.next().now_or_never() {
            return Ok(item);
        }
        if !self.buffer.is_empty() {
            if !self.has_sent {
                self.send().await?;
            } else if let Ok(item) = timeout(LINGER, items.next()).await {
                return Ok(item);
            } else {
                self.send().await?;
            }
        }
        let limit =
            if self.has_rows { Instant::now() + self.streaming.deadline } else { self.first_row };
        timeout_at(limit, items.next()).await.map_err(|_| Stopped::Late(BackendError::Timeout))
    }

    async fn write(&mut self, writer: &RowWriter, row: &PgRow) -> Result<(), Stopped> {
        if self.streaming.format == RowFormat::Array {
            self.buffer.put_u8(if self.has_rows { b',' } else { b'[' });
        }
        self.has_rows = true;
        writer.write(row, &mut self.buffer).map_err(RunError::Unwritable)?;
        if self.streaming.format == RowFormat::Lines {
            self.buffer.put_u8(b'\n');
        }
        if self.buffer.len() > self.streaming.max_bytes {
            return Err(RunError::TooLarge { limit: self.streaming.max_bytes }.into());
        }
        if self.buffer.len() >= CHUNK { self.send().await } else { Ok(()) }
    }

    async fn send(&mut self) -> Result<(), Stopped> {
        self.push().await.map_err(Stopped::Late)
    }

    async fn push(&mut self) -> Result<(), BackendError> {
        let piece = self.buffer.split().freeze();
        self.buffer.reserve(CHUNK + CHUNK / 8);
        self.has_sent = true;
        match timeout(self.streaming.reader_patience, self.sender.send(Ok(piece))).await {
            // A reader who left is noticed by whoever runs this.
            Ok(_) => Ok(()),
            Err(_) => Err(BackendError::ReaderTooSlow),
        }
    }

    /// Everything is read and committed.
    async fn finish(&mut self) -> Result<(), BackendError> {
        if self.streaming.format == RowFormat::Array {
            self.buffer.extend_from_slice(if self.has_rows { b"]" } else { b"[]" });
        }
        if self.buffer.is_empty() { Ok(()) } else { self.push().await }
    }
}
