//! A private PostgreSQL for people who have none: found, made, started, kept alive, stopped.
//!
//! One process owns a data folder at a time. The server listens on a socket in a folder that only
//! its user can open, never on the network. It ends with us, also when we are killed.

mod account;
mod binaries;
mod cluster;
mod create;
mod error;
mod lock;
mod place;
mod postmaster;
mod progress;
mod runtime;
mod said;
mod signal;

pub use cluster::{Cluster, ClusterSettings, Durability};
pub use error::EmbeddedError;
pub use progress::{Progress, Report};
pub use runtime::Runtime;

/// The only role of the private PostgreSQL.
pub const USER: &str = "athena";
