//! Real databases for tests.
//!
//! ```no_run
//! # async fn test() {
//! let database = test_support::TestDatabase::create().await;
//! database.run("create table notes (id int primary key, body text)").await;
//! let mut connection = database.connect().await;
//! // … or give `database.uri()` to the code under test. It is dropped at the end of the scope.
//! # }
//! ```
//!
//! A test binary shares one private PostgreSQL, started by the first test that asks and removed
//! when the process ends, however it ends. Every [`TestDatabase`] is a fresh, empty database.
//! [`backend_contract`] is what every backend must do. A [`TestRedis`] is a server of its own: tests stop and kill it.

pub mod backend_contract;
mod database;
mod redis;
mod server;

pub use database::TestDatabase;
pub use redis::TestRedis;
