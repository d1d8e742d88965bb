//! The HTTP surface of the gateway: paths, headers and bodies in, one use case each, envelopes out.

mod admin;
mod data;
mod error;
mod extract;
mod health;
mod middleware;
mod routes;
mod schema;
mod state;

pub use error::ApiError;
pub use routes::{ROUTES, Right, Route, router};
pub use state::{ApiSettings, ApiState, Cors};
