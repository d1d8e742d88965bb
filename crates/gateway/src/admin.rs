//! What administrators do.

pub mod audit;
pub mod keys;
pub mod management;
