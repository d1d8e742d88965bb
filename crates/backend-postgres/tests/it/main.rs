//! Against a real, private PostgreSQL. Without one these tests fail; they are never skipped.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod contract;
mod exchanges;
mod faults;
mod gathered;
mod guarded;
mod introspection;
mod messages;
mod noted;
mod outages;
mod pull;
mod refusals;
mod relations;
mod rest_schema;
mod round_trips;
mod routines;
mod rows;
mod scripts;
mod sessions;
mod statements;
mod streams;
mod support;
mod tls;
