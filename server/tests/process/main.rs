//! The program from outside: how it starts, what it says when it cannot, how it ends.

#![allow(clippy::unwrap_used, reason = "a helper of a test is a test")]

mod http;
mod program;

mod audit;
mod canaries;
mod clients;
mod deferral;
mod durability;
mod nodes;
mod quiet;
mod settings;
mod sqlite;
mod start;
