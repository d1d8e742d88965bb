//! Whether a database still is what was imported of it.

use super::External;
use crate::{error::GatewayError, federation::compare};
use federation::Diff;
use serde::Serialize;

/// What is to be said of one client, and of no other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    pub ok: bool,
    pub results: Vec<ResourceVerdict>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceVerdict {
    pub resource: String,
    pub remote_schema: String,
    pub remote_name: String,
    /// Nothing differs so much that the resource is no longer itself.
    pub ok: bool,
    pub diffs: Vec<Diff>,
}

impl External<'_> {
    /// The verdict is in the answer, whatever it is.
    pub async fn validate(&self, client: &str) -> Result<Verdict, GatewayError> {
        let upstream = self.upstream(client).await?;
        // One look for all of its resources.
        let cache = self.look(&upstream).await?;
        let resources = self.gateway.registry().hall().of(upstream.name());
        let results: Vec<_> = resources.iter().map(|one| compare(&upstream, one, &cache)).collect();
        Ok(Verdict { ok: results.iter().all(|result| result.ok), results })
    }
}
