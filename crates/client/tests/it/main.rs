//! The client against a gateway that writes down what it is asked.

#![allow(clippy::unwrap_used, reason = "a test may stop at whatever it did not expect")]

mod answers;
mod copied;
mod deferring;
mod hostile;
mod reading;
mod refusals;
mod repeating;
mod secrecy;
mod settings;
mod statements;
mod streams;
mod support;
mod writing;
