//! The HTTP surface of the gateway: paths, headers and bodies in, one use case each, envelopes out.

mod admin;
mod answer;
mod count;
mod data;
mod data_get;
mod error;
mod extract;
mod health;
mod management;
mod members;
mod middleware;
mod mounts;
mod once;
mod openapi;
mod query;
mod rest;
mod routes;
mod rpc;
mod schema;
mod state;
mod transaction;

pub use error::ApiError;
pub use middleware::{Across, Envelope};
pub use once::Once;
pub use routes::{ROUTES, Right, Route, Surface, surface};
pub use state::{ApiSettings, ApiState, Cors};
