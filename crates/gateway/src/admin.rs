//! What administrators do, whichever door they come through.

pub mod keys;
