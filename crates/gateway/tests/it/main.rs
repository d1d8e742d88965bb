//! The whole engine in front of a real database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod many;
mod nodes;
