//! What administrators do.

pub mod audit;
pub mod clients;
pub mod external;
pub mod keys;
