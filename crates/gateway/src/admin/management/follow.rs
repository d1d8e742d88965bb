//! A structure that was changed is read again at once, here and on every other node.

use crate::{Gateway, Inner, registry::Upstream};
use api_types::ClientName;
use cache::Scope;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};
use store::{StoreError, Topic};
use tokio::{runtime::Handle, sync::watch};

/// How often each client's structure was changed, as far as this node knows.
#[derive(Debug, Default)]
pub(crate) struct Structure {
    known: Mutex<HashMap<String, i64>>,
}

impl Structure {
    fn known(&self) -> MutexGuard<'_, HashMap<String, i64>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Our own change needs no second look, unless others made some before it.
    fn made(&self, client: &str, generation: i64) {
        let mut known = self.known();
        let before = known.get(client).copied().unwrap_or_default();
        if before + 1 == generation {
            known.insert(client.to_owned(), generation);
        }
    }

    /// Those whose count grew.
    fn newer(&self, all: Vec<(String, i64)>) -> Vec<String> {
        let mut known = self.known();
        let grew = |(client, generation): (String, i64)| {
            let before = known.insert(client.clone(), generation);
            before.is_none_or(|before| before < generation).then_some(client)
        };
        all.into_iter().filter_map(grew).collect()
    }
}

impl Gateway {
    /// The next request meets the new structure, whichever surface and node it comes to.
    pub(super) async fn structure_is_new(&self, upstream: &Arc<Upstream>) {
        self.read_again(upstream).await;
        let Ok(desk) = self.management_desk() else { return };
        match desk.store.structure_changed(upstream.name().as_str()).await {
            Ok(generation) => self.structure().made(upstream.name().as_str(), generation),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, client = %upstream.name(), "other nodes were not told of a change of structure");
            }
        }
    }

    async fn read_again(&self, upstream: &Arc<Upstream>) {
        let (read, ()) = tokio::join!(upstream.reread(), upstream.reread_rest());
        if !read {
            tracing::warn!(client = %upstream.name(), "the catalog is older than its database");
        }
    }

    /// Hear of what other nodes change, for as long as this gateway is there.
    pub(crate) fn follow_structure(&self) {
        let (Some(desk), Ok(runtime)) = (self.access().desk(), Handle::try_current()) else {
            return;
        };
        let changes = desk.feed.watch(Topic::Structure);
        runtime.spawn(follow(Arc::downgrade(&self.inner), changes));
    }

    async fn catch_up(&self, is_first: bool) -> Result<(), StoreError> {
        let Some(desk) = self.access().desk() else { return Ok(()) };
        let newer = self.structure().newer(desk.store.structure_changes().await?);
        // What was changed before this node began it has read as it is.
        for client in newer.into_iter().filter(|_| !is_first) {
            let Ok(name) = ClientName::parse(&client) else { continue };
            let Ok(upstream) = self.registry().get(&name) else { continue };
            let writing = self.answers().will_write(|| vec![Scope::client(&name)]);
            self.read_again(&upstream).await;
            writing.written().await;
        }
        Ok(())
    }
}

async fn follow(gateway: Weak<Inner>, mut changes: watch::Receiver<u64>) {
    let mut is_first = true;
    loop {
        let Some(inner) = gateway.upgrade() else { return };
        if let Err(error) = (Gateway { inner }).catch_up(is_first).await {
            let error = &error as &dyn std::error::Error;
            tracing::debug!(error, "what other nodes changed is not known");
        }
        // When the store was away at first, nobody knows what was changed before it came.
        is_first = false;
        if changes.changed().await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_our_own_is_not_looked_at_twice_and_one_of_others_is() {
        let structure = Structure::default();
        let all = |generation| vec![("shop".to_owned(), generation)];
        assert_eq!(structure.newer(all(3)), ["shop"]);
        structure.made("shop", 4);
        assert!(structure.newer(all(4)).is_empty());
        assert_eq!(structure.newer(all(5)), ["shop"]);
        // Another node's sixth change came between.
        structure.made("shop", 7);
        assert_eq!(structure.newer(all(7)), ["shop"]);
    }
}
