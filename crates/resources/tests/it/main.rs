//! Real drizzle-kit files in, what people see out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops here")]

mod config;
mod derive;
mod live;
mod samples;
mod snapshot;
