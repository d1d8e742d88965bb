//! Rows one by one. Nothing is read from the connection that nobody asked for.

use crate::{Error, answer::Head, refusal};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream::try_unfold};
use reqwest::{Response, header::HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

type Rows<T> = Pin<Box<dyn Stream<Item = Result<T, Error>> + Send>>;

/// Rows as they come. Dropping it closes the connection, and the gateway stops.
///
/// After an error it has ended. A call's timeout limits the wait for each further piece.
#[must_use]
pub struct RowStream<T>(Rows<T>);

/// The lines of an answer, each of them no longer than allowed.
pub(crate) struct Lines {
    response: Response,
    head: Head,
    buffer: BytesMut,
    /// How much of the buffer is known to hold no line end.
    searched: usize,
    has_ended: bool,
    limit: usize,
    patience: Duration,
}

/// A line, and whether its end was seen.
struct Line {
    text: Bytes,
    is_whole: bool,
}

impl<T: DeserializeOwned + Send + 'static> RowStream<T> {
    pub(crate) fn over(lines: Lines) -> Self {
        Self(Box::pin(try_unfold(lines, |mut lines| async move {
            let Some(line) = lines.next().await? else { return Ok(None) };
            let row = lines.row(&line)?;
            Ok(Some((row, lines)))
        })))
    }

    /// The next row; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        self.0.next().await
    }
}

impl<T> Stream for RowStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl<T> fmt::Debug for RowStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowStream").finish_non_exhaustive()
    }
}

impl Lines {
    pub(crate) fn of(response: Response, limit: usize, patience: Duration) -> Result<Self, Error> {
        let head = Head::of(&response, &HeaderValue::from_static(""));
        let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("application/x-ndjson")) {
            let reason = format!("a stream was asked for, {} came", kind.unwrap_or("nothing"));
            return Err(Error::Unreadable { status: head.status, reason });
        }
        let buffer = BytesMut::new();
        Ok(Self { response, head, buffer, searched: 0, has_ended: false, limit, patience })
    }

    /// The next line that is not blank.
    async fn next(&mut self) -> Result<Option<Line>, Error> {
        loop {
            let line = match self.taken() {
                Some(line) => line,
                None if self.has_ended && self.buffer.is_empty() => return Ok(None),
                None if self.has_ended => {
                    self.searched = 0;
                    Line { text: self.buffer.split().freeze(), is_whole: false }
                }
                None => {
                    self.fill().await?;
                    continue;
                }
            };
            if line.text.len() > self.limit {
                return Err(self.too_long());
            }
            if !line.text.trim_ascii().is_empty() {
                return Ok(Some(line));
            }
        }
    }

    /// A whole line out of the buffer.
    fn taken(&mut self) -> Option<Line> {
        let found = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n');
        let Some(at) = found else {
            self.searched = self.buffer.len();
            return None;
        };
        let text = self.buffer.split_to(self.searched + at + 1).freeze();
        self.searched = 0;
        Some(Line { text: text.slice(..text.len() - 1), is_whole: true })
    }

    async fn fill(&mut self) -> Result<(), Error> {
        if self.buffer.len() > self.limit {
            return Err(self.too_long());
        }
        let chunk = tokio::time::timeout(self.patience, self.response.chunk()).await;
        let chunk = chunk.map_err(|_elapsed| Error::TimedOut {
            after: self.patience,
            request_id: self.head.request_id.clone(),
        })?;
        match chunk.map_err(|source| Error::Truncated { source: Some(source) })? {
            Some(chunk) => self.buffer.extend_from_slice(&chunk),
            None => self.has_ended = true,
        }
        Ok(())
    }

    fn row<T: DeserializeOwned>(&self, line: &Line) -> Result<T, Error> {
        if let Some(said) = trouble(&line.text) {
            let status = said.get("status_code").and_then(Value::as_u64);
            let status = status.and_then(|status| u16::try_from(status).ok());
            let head = Head { status: status.unwrap_or(500), ..self.head.clone() };
            return Err(Error::Refused(Box::new(refusal::from_said(said, head, None))));
        }
        serde_json::from_slice(&line.text).map_err(|source| {
            if source.is_data() {
                Error::Decode { source }
            } else if line.is_whole {
                let reason = format!("a line is not JSON: {source}");
                Error::Unreadable { status: self.head.status, reason }
            } else {
                Error::Truncated { source: None }
            }
        })
    }

    fn too_long(&self) -> Error {
        Error::TooLarge { what: "row", limit: self.limit }
    }
}

/// The gateway's whole error envelope in place of a row: it failed after it had begun to answer.
fn trouble(line: &[u8]) -> Option<Map<String, Value>> {
    const MEMBERS: [&str; 6] =
        ["code", "message", "error", "trace_id", "request_id", "status_code"];
    // Most lines are rows, and are not parsed twice.
    let is_likely = line.windows(8).any(|part| part == b"trace_id");
    let said: Map<String, Value> = is_likely.then(|| serde_json::from_slice(line).ok())??;
    let is_envelope =
        said.get("status")? == "error" && MEMBERS.iter().all(|key| said.contains_key(*key));
    is_envelope.then_some(said)
}
