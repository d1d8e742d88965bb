//! A SQLite file behind the port.

#![allow(clippy::unwrap_used, reason = "a helper of a test is a test")]

mod contract;
mod files;
mod introspection;
mod names;
mod refusals;
mod scripts;
mod support;
mod values;
mod writers;
