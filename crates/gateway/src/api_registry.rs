//! The APIs that an installation wrote down, read from its store now and then.

use crate::{Gateway, access::NoDesk, error::GatewayError};
use api_types::Problem;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use store::{ApiEntry, StoreError};
use tokio::{sync::Mutex, time::timeout};

/// Anybody may ask where no keys are demanded, so the store is not asked each time.
const FRESH: Duration = Duration::from_secs(60);

/// Who wants none that is kept gets one this old at most.
const FRESH_ENOUGH: Duration = Duration::from_millis(100);

const PATIENCE: Duration = Duration::from_secs(5);

/// More are not shown.
const MOST: i64 = 1_000;

#[derive(Debug, thiserror::Error)]
pub enum ApiRegistryError {
    #[error("the registry of APIs cannot be read")]
    Unreadable(#[source] StoreError),
    #[error("the entry is not named by a UUID")]
    InvalidId,
    #[error("there is no such entry")]
    Unknown,
}

impl ApiRegistryError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::Unreadable(_) => {
                let text = "Failed to list API registry entries";
                Problem::new(503, "store_unavailable", text)
                    .with_hint("The control store does not answer; try again in a moment.")
            }
            Self::InvalidId => Problem::new(400, "invalid_id", "An entry is named by a UUID")
                .with_hint("GET /registry lists them."),
            Self::Unknown => Problem::new(404, "unknown_entry", "There is no such entry")
                .with_hint("GET /registry lists them."),
        }
    }
}

/// The entries as last read.
#[derive(Default)]
pub(crate) struct ApiRegistry {
    last: Mutex<Option<(Instant, Arc<[ApiEntry]>)>>,
}

impl Gateway {
    /// What was written down, the latest first; `fresh` is for who wants nothing that is kept.
    pub async fn api_entries(&self, fresh: bool) -> Result<Arc<[ApiEntry]>, GatewayError> {
        let desk = self.access().desk().ok_or(NoDesk)?;
        let limit = if fresh { FRESH_ENOUGH } else { FRESH };
        // A crowd of askers is one question.
        let mut last = self.api_registry().last.lock().await;
        if let Some((at, entries)) = last.as_ref().filter(|(at, _)| at.elapsed() < limit) {
            tracing::trace!(age = ?at.elapsed(), "the registry is kept");
            return Ok(Arc::clone(entries));
        }
        let read = timeout(PATIENCE, desk.store.api_registry(MOST)).await;
        let read = read.unwrap_or(Err(StoreError::Slow)).map_err(ApiRegistryError::Unreadable)?;
        let entries: Arc<[ApiEntry]> = read.into();
        *last = Some((Instant::now(), Arc::clone(&entries)));
        Ok(entries)
    }

    pub async fn api_entry(&self, id: &str, fresh: bool) -> Result<ApiEntry, GatewayError> {
        let id = uuid::Uuid::parse_str(id).map_err(|_| ApiRegistryError::InvalidId)?.to_string();
        let entries = self.api_entries(fresh).await?;
        let found = entries.iter().find(|entry| entry.id == id);
        Ok(found.cloned().ok_or(ApiRegistryError::Unknown)?)
    }
}
