//! What administrators do, whichever door they come through.

pub mod admin_key;
pub mod audit;
pub mod clients;
pub mod external;
pub mod keys;
pub mod people;
