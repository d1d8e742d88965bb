//! What administrators do.

pub mod audit;
pub mod clients;
pub mod keys;
