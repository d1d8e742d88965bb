//! What happens to every request: ids, limits, panics, and the error envelope.

mod across;
mod cors;
mod envelope;
mod meter;
mod requests;

pub use across::Across;
pub use envelope::Envelope;
