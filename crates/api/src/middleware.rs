//! What happens to every request: ids, limits, panics, and the error envelope.

mod across;
mod cors;
mod envelope;

pub(crate) use across::AcrossLayer;
pub(crate) use envelope::EnvelopeLayer;
