//! The imported resources of all clients, kept in memory and true to the store.

use crate::registry::Registry;
use api_types::ClientName;
use arc_swap::ArcSwap;
use federation::Resource;
use std::{collections::BTreeMap, sync::Arc};
use store::{Store, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum HallError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{count} imported resources cannot be read")]
    Unreadable { count: usize },
}

/// Cheap to clone; every clone is the same hall.
#[derive(Debug, Clone, Default)]
pub struct Hall {
    resources: Arc<ArcSwap<BTreeMap<ClientName, Arc<[Resource]>>>>,
}

impl Hall {
    pub fn of(&self, client: &ClientName) -> Arc<[Resource]> {
        self.resources.load().get(client).map(Arc::clone).unwrap_or_default()
    }

    /// Read them all. What cannot be read is left out, and told.
    pub async fn load(&self, store: &Store, registry: &Registry) -> Result<(), HallError> {
        let rows = store.resources().await?;
        let total = rows.len();
        let mut sorted: BTreeMap<ClientName, Vec<Resource>> = BTreeMap::new();
        let mut read = 0;
        for row in rows {
            let Ok(resource) = serde_json::from_value::<Resource>(row.definition.0) else {
                tracing::error!(
                    client = row.client_name,
                    resource = row.resource_name,
                    "an imported resource cannot be read"
                );
                continue;
            };
            read += 1;
            sorted.entry(resource.client.clone()).or_default().push(resource);
        }
        let sorted = sorted.into_iter().map(|(client, all)| (client, Arc::from(all))).collect();
        self.resources.store(Arc::new(sorted));
        registry.show_resources();
        if read == total { Ok(()) } else { Err(HallError::Unreadable { count: total - read }) }
    }
}
