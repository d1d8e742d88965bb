//! The HTTP surface over a gateway whose database is a fake, one request at a time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod admission;
mod auth_log;
mod bad_input;
mod caching;
mod datasources;
mod deferral;
mod deferral_work;
mod documented;
mod effects;
mod external;
mod fail_open;
mod gated;
mod headers;
mod hosts;
mod house;
mod key_admin;
mod later;
mod live;
mod management;
mod matrix;
mod metrics;
mod mounts;
mod office;
mod once;
mod outage;
mod people;
mod public;
mod reading;
mod repeated;
mod rest;
mod schema;
mod shapes;
mod smuggled;
mod sql;
mod sql_rights;
mod statistics;
mod streaming;
mod support;
mod targets;
mod together;
mod tuned;
mod weaknesses;
mod writing;
