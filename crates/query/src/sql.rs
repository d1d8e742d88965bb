//! SQL that callers wrote themselves: cut into statements, and each told apart by what it may do.

mod error;
mod lexer;
mod read;
mod script;
mod target;

pub use error::SqlError;
pub use read::recognise;
pub use script::{Placeholder, Script, SqlStatement, StatementKind};

/// The most statements one script may have.
pub const MAX_STATEMENTS: usize = 100;

/// The longest script, in bytes.
pub const MAX_SCRIPT_BYTES: usize = 1 << 20;
