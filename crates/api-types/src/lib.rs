//! Shapes that cross a wire: names, problems, and what the console shows. Builds for wasm.

pub mod account;
pub mod console;
pub mod copied;
pub mod list_url;
mod name;
mod problem;

pub use name::{ClientName, ClientNameError, RecordKey, RecordKeyError};
pub use problem::{FieldProblem, Problem};
