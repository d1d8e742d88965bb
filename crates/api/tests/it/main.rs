//! The HTTP surface over a gateway whose database is a fake, one request at a time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod bad_input;
mod house;
mod outage;
mod reading;
mod support;
mod writing;
