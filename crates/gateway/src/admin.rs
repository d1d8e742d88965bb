//! What administrators do.

pub mod audit;
pub mod external;
pub mod keys;
