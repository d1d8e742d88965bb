//! One page, one module.

pub mod account;
pub mod client;
pub mod create;
pub mod home;
pub mod list;
pub mod not_found;
pub mod record;
pub mod sign_in;
