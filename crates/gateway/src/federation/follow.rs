//! Keeping what was imported true to the store, whoever changes it.

use super::HallError;
use crate::{Gateway, access::Desk};
use std::time::Duration;
use store::Topic;
use tokio::time::timeout;

/// A change that nobody heard of is seen after this time.
const NET: Duration = Duration::from_secs(60);

impl Gateway {
    /// Show what was imported, now and whenever it changes. Without a store nothing was.
    pub async fn federate(&self) -> Result<(), HallError> {
        let Some(desk) = self.access().desk() else { return Ok(()) };
        let read = self.registry().hall().load(&desk.store, self.registry()).await;
        let follower = tokio::spawn(follow(self.weak(), desk.clone()));
        self.timers().follow(follower.abort_handle());
        read
    }
}

async fn follow(gateway: crate::WeakGateway, desk: Desk) {
    let mut changes = desk.feed.watch(Topic::Federation);
    changes.borrow_and_update();
    loop {
        if let Ok(Err(_ended)) = timeout(NET, changes.changed()).await {
            return;
        }
        let Some(gateway) = gateway.upgrade() else { return };
        let registry = gateway.registry();
        if let Err(error) = registry.hall().load(&desk.store, registry).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the imported resources cannot be read");
        }
    }
}
