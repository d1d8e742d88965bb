//! The HTTP surface over a gateway whose database is a fake, one request at a time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod bad_input;
mod caching;
mod documented;
mod effects;
mod gated;
mod headers;
mod house;
mod live;
mod management;
mod mounts;
mod once;
mod outage;
mod reading;
mod rest;
mod schema;
mod shapes;
mod sql;
mod sql_rights;
mod streaming;
mod support;
mod targets;
mod weaknesses;
mod writing;
