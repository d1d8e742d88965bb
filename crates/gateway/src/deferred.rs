//! Requests that are done later: checked and filed now, done by whichever node is free, in the name
//! of whoever filed them and with the rights they have by then.

mod depths;
mod desk;
mod error;
mod events;
mod file;
mod noted;
mod payload;
mod run;
mod seen;
mod settings;
mod summary;
mod worker;

pub use desk::DeferredPage;
pub use error::DeferredError;
pub use events::{DeferredEvents, EventKind};
pub use file::{Deferral, Filed, Reason, Repeat};
pub use payload::{Kind, Work};
pub use seen::QueueSeen;
pub use settings::DeferredSettings;
pub use worker::DeferredWorker;

use crate::Gateway;
use depths::Depths;
use std::sync::Arc;
use store::{ChangeFeed, Store};
use uuid::Uuid;

/// The queue of one installation, as one node knows it. Cheap to clone.
#[derive(Clone)]
pub struct Deferred {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    feed: ChangeFeed,
    settings: DeferredSettings,
    depths: Depths,
    events: DeferredEvents,
    seen: seen::Seen,
    /// Tells this process from every other, earlier ones of the same machine included.
    owner: Uuid,
}

impl Deferred {
    pub fn new(store: Store, feed: ChangeFeed, settings: DeferredSettings) -> Self {
        let (depths, events) = (Depths::default(), DeferredEvents::default());
        let (owner, seen) = (Uuid::new_v4(), seen::Seen::default());
        Self { inner: Arc::new(Inner { store, feed, settings, depths, events, seen, owner }) }
    }

    pub fn settings(&self) -> &DeferredSettings {
        &self.inner.settings
    }

    /// What happened to requests on this node, by kind.
    pub fn events(&self) -> &DeferredEvents {
        &self.inner.events
    }

    /// How many requests there are, for whoever shows or measures it; asks the store.
    pub async fn counts(&self) -> Result<store::DeferredCounts, store::StoreError> {
        self.inner.store.count_deferred().await
    }
}

impl Gateway {
    /// The queue; `None` without a store.
    pub fn deferred(&self) -> Option<&Deferred> {
        self.access().deferred()
    }
}
