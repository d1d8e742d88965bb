//! What administrators do, whichever door they come through.

pub mod admin_key;
pub mod audit;
pub mod client_configs;
pub mod clients;
pub mod external;
pub mod keys;
pub mod management;
mod operate;
pub mod people;
pub mod public_routes;
pub mod statistics;
pub mod trail;

pub use operate::OperateError;
