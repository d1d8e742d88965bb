//! A Drizzle snapshot: read tolerantly, written as drizzle-kit writes it.

mod error;
mod journal;
mod keys;
mod model;
mod read;
mod upgrade;
mod write;

pub use error::{SnapshotError, Warning};
pub use journal::{Journal, JournalEntry};
pub use model::{
    Check, Column, CompositeKey, Enum, ForeignKey, GeneratedAs, Identity, Index, IndexColumn,
    Internal, InternalColumn, InternalTable, Meta, Policy, Role, Sequence, Snapshot, Table, Unique,
    View,
};
