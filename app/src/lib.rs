//! The console: pages, components, server functions, and the port they call.

mod components;
mod error;
mod frame;
mod links;
mod pages;
#[cfg(feature = "ssr")]
pub mod port;
mod ready;
mod routes;
mod serverfns;
#[cfg(feature = "ssr")]
mod shell;
mod theme;
mod words;

pub use error::ConsoleError;
pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::{Assets, shell};
