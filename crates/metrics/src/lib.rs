//! Counting without locks, and the page that Prometheus reads. Nothing here knows what is counted.

pub mod exposition;
mod histogram;
mod http;
mod kept;
mod page;
pub mod process;

pub use histogram::{BOUNDS, Distribution, Histogram, Sum};
pub use http::{ClientHttp, Ended, FAMILIES, Flight, Group, Http, HttpRoute, family_place};
pub use kept::Kept;
pub use page::{CONTENT_TYPE, Labels, Page, render};
