//! PostgREST's surface against a handler with the same SQL: the same transaction, role and settings, and the
//! very statement that the surface sends.

mod asked;
mod contest;
mod handler;
mod pipelined;
mod question;
mod sessions;
mod settings;
mod table;

pub use contest::{Contest, Rounds};
pub use handler::router;
pub use question::{BULK_ROWS, Question};
pub use table::CREATE;

/// Whom the requests run as; it may read and write the tables here.
pub const ROLE: &str = "bench_anon";

/// The most rows of one answer, here and in the configuration of the contest's client.
pub const MAX_ROWS: u64 = 1_000;
