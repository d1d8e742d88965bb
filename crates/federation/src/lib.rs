//! Databases that belong to others: what their columns can be here, what was imported of them, and
//! how they differ from it. No I/O.

mod diff;
mod draft;
mod draft_error;
mod family;
mod matrix;
mod resource;
mod snapshot;
#[cfg(test)]
mod tests;
mod view;

pub use diff::{Diff, DiffKind, Severity, diff, fingerprint, has_error, is_drift};
pub use draft::{Draft, DraftInput, Note, NoteKind, draft};
pub use draft_error::DraftError;
pub use family::Family;
pub use matrix::{FieldType, Fit};
pub use resource::{Field, Resource, suggested_name};
pub use snapshot::{Snapshot, SnapshotColumn, SnapshotIndex, SnapshotTable, dialect};
pub use view::{HOME, allows, view};
