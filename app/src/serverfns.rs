//! The console's public endpoints, each two or three lines over the port.

pub mod account;
pub mod frame;
pub mod rows;
pub mod second_step;
pub mod session;
pub mod write;
