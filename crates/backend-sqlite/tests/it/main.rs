//! A SQLite file behind the port.

mod contract;
mod files;
mod introspection;
mod names;
mod refusals;
mod scripts;
mod support;
mod values;
mod writers;
