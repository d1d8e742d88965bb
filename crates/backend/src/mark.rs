//! What a write goes by in its database, noted before it can be committed: whoever finds the note
//! later can ask the database how that write ended.

use async_trait::async_trait;
use std::fmt::Debug;

/// What is known of a write that is about to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// The transaction it is part of, as its database names it.
    Transaction(String),
    /// It begins now, and how it ends cannot be asked later.
    Blind,
}

/// The note could not be kept, so nothing may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what the write goes by could not be noted")]
pub struct NotNoted;

/// Where such notes are kept.
#[async_trait]
pub trait Marks: Send + Sync + Debug {
    async fn note(&self, mark: Mark) -> Result<(), NotNoted>;
}

/// How a transaction ended, as far as its database knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Committed,
    RolledBack,
    /// It has not ended.
    Running,
    /// It is too long ago, or this kind of database keeps no record.
    Unknown,
}
