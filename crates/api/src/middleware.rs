//! What happens to every request: ids, limits, panics, and the error envelope.

mod across;
mod checkpoint;
mod cors;
mod envelope;
mod meter;
mod requests;

pub(crate) use across::Across;
pub(crate) use checkpoint::{Checkpoint, Guard, Inner, pass};
pub(crate) use envelope::Envelope;
