//! Rows handed on while they come: a task reads, two pieces wait, a reader who leaves ends it all.

use crate::{
    declared::Types, error::RunError, execute, pool::Pool, row_writer::RowWriter, transact::begin,
};
use backend::{BackendError, Chunks, RowFormat};
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream::poll_fn};
use query::{Access, Statement};
use sqlx::{Either, Executor, SqliteConnection, sqlite::SqliteRow};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::mpsc::{self, Sender},
    time::{Instant, timeout, timeout_at},
};

const CHUNK: usize = 64 << 10;
const WAITING: usize = 2;

/// What is streamed, and how patiently.
pub(crate) struct Streaming {
    pub(crate) statement: Statement,
    pub(crate) format: RowFormat,
    pub(crate) types: Arc<Types>,
    /// For the first row, and for each wait for the file after it.
    pub(crate) deadline: Duration,
    /// For the reader, each time.
    pub(crate) patience: Duration,
}

pub(crate) fn stream(pool: Pool, streaming: Streaming) -> Chunks {
    let (sender, mut receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let failed = tokio::select! {
            // Whoever leaves stops the statement: the lease is dropped with the work.
            () = sender.closed() => return,
            produced = produce(&pool, &streaming, &sender) => produced.err(),
        };
        if let Some(error) = failed {
            let _gone = timeout(streaming.patience, sender.send(Err(error))).await;
        }
    });
    poll_fn(move |context| receiver.poll_recv(context)).boxed()
}

type Outlet = Sender<Result<Bytes, BackendError>>;

/// Why reading stopped.
enum Stopped {
    Run(RunError),
    /// Somebody took too long, and the rest is unread.
    Late(BackendError),
}

impl<E: Into<RunError>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Run(error.into())
    }
}

async fn produce(pool: &Pool, streaming: &Streaming, out: &Outlet) -> Result<(), BackendError> {
    let first = Instant::now() + streaming.deadline;
    let mut lease = pool.acquire(first).await?;
    let mut pieces = Pieces { streaming, out, buffer: BytesMut::new(), rows: 0, sent: false };
    match read(lease.connection(), &mut pieces, first).await {
        Ok(()) => {
            lease.release();
            pieces.finish().await
        }
        Err(Stopped::Run(error)) => execute::settle(lease, Access::ReadWrite, Err(error)).await,
        Err(Stopped::Late(error)) => Err(error),
    }
}

async fn read(
    connection: &mut SqliteConnection,
    pieces: &mut Pieces<'_>,
    first: Instant,
) -> Result<(), Stopped> {
    let statement = &pieces.streaming.statement;
    connection.execute(begin(statement.access())).await?;
    let mut items = connection.fetch_many(execute::query(statement)?);
    let mut writer: Option<RowWriter> = None;
    loop {
        let item = match items.try_next().now_or_never() {
            Some(item) => item?,
            None => {
                pieces.send_first().await?;
                let limit = pieces.next_limit(first);
                let item = timeout_at(limit, items.try_next()).await;
                item.map_err(|_| Stopped::Late(BackendError::Timeout))??
            }
        };
        match item {
            None => break,
            Some(Either::Left(_)) => {}
            Some(Either::Right(row)) => {
                let types = &pieces.streaming.types;
                let writer =
                    writer.get_or_insert_with(|| RowWriter::for_row(&row, statement.rows(), types));
                pieces.write(writer, &row).await?;
            }
        }
    }
    drop(items);
    connection.execute("COMMIT").await?;
    Ok(())
}

/// Rows on their way into the channel.
struct Pieces<'a> {
    streaming: &'a Streaming,
    out: &'a Outlet,
    buffer: BytesMut,
    rows: u64,
    sent: bool,
}

impl Pieces<'_> {
    fn next_limit(&self, first: Instant) -> Instant {
        if self.rows == 0 { first } else { Instant::now() + self.streaming.deadline }
    }

    async fn write(&mut self, writer: &RowWriter, row: &SqliteRow) -> Result<(), Stopped> {
        let is_array = self.streaming.format == RowFormat::Array;
        if is_array {
            self.buffer.put_u8(if self.rows == 0 { b'[' } else { b',' });
        }
        self.rows += 1;
        writer.write(row, &mut self.buffer)?;
        if !is_array {
            self.buffer.put_u8(b'\n');
        }
        if self.buffer.len() >= CHUNK { self.send().await.map_err(Stopped::Late) } else { Ok(()) }
    }

    /// Nobody waits for a full piece before seeing the first rows.
    async fn send_first(&mut self) -> Result<(), Stopped> {
        if self.sent || self.buffer.is_empty() {
            return Ok(());
        }
        self.send().await.map_err(Stopped::Late)
    }

    async fn send(&mut self) -> Result<(), BackendError> {
        let piece = self.buffer.split().freeze();
        self.sent = true;
        match timeout(self.streaming.patience, self.out.send(Ok(piece))).await {
            Ok(_) => Ok(()),
            Err(_) => Err(BackendError::ReaderTooSlow),
        }
    }

    async fn finish(&mut self) -> Result<(), BackendError> {
        if self.streaming.format == RowFormat::Array {
            self.buffer.extend_from_slice(if self.rows == 0 { b"[]" } else { b"]" });
        }
        if self.buffer.is_empty() { Ok(()) } else { self.send().await }
    }
}
