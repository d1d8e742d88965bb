//! Against a real, private PostgreSQL. Without one these tests fail; they are never skipped.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod contract;
mod introspection;
mod outages;
mod pull;
mod refusals;
mod rows;
mod statements;
mod support;
