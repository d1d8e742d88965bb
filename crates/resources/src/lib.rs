//! Drizzle snapshots and `resources.yaml`, made into the resources the console shows. No I/O but
//! reading those files.

mod category;
mod derive;
mod facts;
pub mod problem;
mod resource;
pub mod route;
mod set;
pub mod snapshot;
pub mod types;
pub mod words;
pub mod yaml;

pub use problem::ConfigProblem;
pub use resource::{RelatedSpec, Resource};
pub use route::ResourceRoute;
pub use set::ResourceSet;
pub use yaml::{ConfigError, ResourcesConfig};
