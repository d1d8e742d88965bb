//! Rows on their way, as bytes.

use crate::BackendError;
use bytes::Bytes;
use futures_util::{FutureExt, Stream, StreamExt};
use std::pin::Pin;

/// Pieces of an answer, about 64 KiB each. Dropping it cancels the statement in the database.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, BackendError>> + Send>>;

/// How streamed rows are parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFormat {
    /// One JSON array.
    Array,
    /// NDJSON: one object and a line feed for each row.
    Lines,
}

/// A stream that fails at once.
pub(crate) fn failed(error: BackendError) -> Chunks {
    async { Err(error) }.into_stream().boxed()
}
