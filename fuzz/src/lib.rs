//! What must hold for any bytes at all. Each module is one target; `check` panics where it does not.

pub mod body;
pub mod call;
pub mod conditions;
#[cfg(feature = "door")]
pub mod door;
mod postgres;
pub mod rest;
pub mod schema;
pub mod script;
mod tokens;
mod tree;
pub mod words;
