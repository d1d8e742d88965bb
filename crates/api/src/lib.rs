//! The HTTP surface of the gateway: paths, headers and bodies in, one use case each, envelopes out.

mod admin;
mod admission;
mod answer;
mod count;
mod data;
mod data_get;
mod datasources;
mod defer;
mod deferred;
mod error;
mod extract;
mod health;
mod hosts;
mod management;
mod members;
mod middleware;
mod mounts;
mod once;
mod openapi;
mod proxies;
mod public;
mod query;
mod rest;
mod routes;
mod rpc;
mod schema;
mod state;
mod surface;
mod trail;
mod transaction;

pub use error::ApiError;
pub use hosts::{HostPattern, HostPatternError};
pub use proxies::Proxies;
pub use routes::{ROUTES, Right, Route};
pub use state::{ApiSettings, ApiState, Cors};
pub use surface::{Surface, surface};
