//! Whether the gateway is there.

use crate::{Athena, Error, draft::Draft};
use reqwest::Method;
use serde::Deserialize;

/// What a gateway says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Health {
    /// `ok`, or what is wrong.
    pub status: String,
    #[serde(default)]
    pub version: Option<String>,
    #[serde(default)]
    pub uptime_seconds: Option<u64>,
}

pub(crate) async fn of(athena: Athena) -> Result<Health, Error> {
    Draft::read(athena, Method::GET, "/health").send().await?.data()
}
