//! The keys in memory, and the task that keeps them true.

mod snapshot;
#[cfg(test)]
mod tests;
mod upkeep;

use super::Doorkeeper;
use crate::admin::keys::Keys;
use api_types::ClientName;
use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use auth::{AuthError, Caller, PresentedKey};
use snapshot::Snapshot;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use store::{Store, StoreError};
use tokio::{
    sync::{Mutex, watch},
    task::JoinHandle,
    time::Instant,
};

/// Every key of the store. Cheap to clone; every clone is the same ring.
#[derive(Clone)]
pub struct Keyring {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    /// Nothing until the store was read once; from then on the last state that could be read.
    snapshot: ArcSwapOption<Snapshot>,
    /// When the last reading began. Readings take turns.
    reading: Mutex<Option<Instant>>,
    end: watch::Sender<bool>,
    upkeep: Mutex<Option<JoinHandle<()>>>,
}

impl Keyring {
    /// The least time between two readings that unknown keys ask for.
    const PAUSE: Duration = Duration::from_millis(200);
    /// The longest one reading takes.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// Read the keys if the store answers, and keep them true from now on.
    pub async fn start(store: Store) -> Self {
        let keyring = Self {
            inner: Arc::new(Inner {
                store,
                snapshot: ArcSwapOption::empty(),
                reading: Mutex::new(None),
                end: watch::Sender::new(false),
                upkeep: Mutex::new(None),
            }),
        };
        if let Err(error) = keyring.reload().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the API keys cannot be read yet"
            );
        }
        let upkeep = upkeep::run(Arc::downgrade(&keyring.inner), keyring.inner.end.subscribe());
        *keyring.inner.upkeep.lock().await = Some(tokio::spawn(upkeep));
        keyring
    }

    /// What administrators do with keys, with this ring hearing of it at once.
    pub fn keys(&self) -> Keys {
        Keys::new(self.inner.store.clone()).heard_by(self.clone())
    }

    /// Read the keys now. When that fails, those of the last reading stay in force.
    pub async fn reload(&self) -> Result<(), StoreError> {
        self.inner.reload().await
    }

    /// Write down when keys were last used, and stop watching the store.
    pub async fn close(&self) {
        self.inner.end.send_replace(true);
        let upkeep = self.inner.upkeep.lock().await.take();
        if let Some(upkeep) = upkeep {
            // A task that panicked has nothing left to write.
            drop(upkeep.await);
        }
    }
}

impl Inner {
    async fn reload(&self) -> Result<(), StoreError> {
        let mut began = self.reading.lock().await;
        self.read(&mut began).await
    }

    async fn read(&self, began: &mut Option<Instant>) -> Result<(), StoreError> {
        *began = Some(Instant::now());
        let both = async { tokio::try_join!(self.store.load_keys(), self.store.load_policy()) };
        let (keys, policy) = tokio::time::timeout(Keyring::PATIENCE, both)
            .await
            .map_err(|_elapsed| StoreError::Slow)??;
        let before = self.snapshot.load();
        self.snapshot.store(Some(Arc::new(Snapshot::new(keys, &policy, before.as_deref()))));
        Ok(())
    }

    /// Hand the last uses that were not written down yet to the store.
    async fn write_uses(&self) {
        let Some(snapshot) = self.snapshot.load_full() else { return };
        let used = snapshot.unwritten_uses();
        if used.is_empty() {
            return;
        }
        match self.store.touch_keys(&used).await {
            Ok(()) => snapshot.mark_written(&used),
            // They stay unwritten, and are tried again.
            Err(error) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "uses of keys were not written"
                );
            }
        }
    }
}

#[async_trait]
impl Doorkeeper for Keyring {
    fn caller(&self, presented: &PresentedKey, client: &ClientName) -> Result<Caller, AuthError> {
        let snapshot = self.inner.snapshot.load();
        let snapshot = snapshot.as_ref().ok_or(AuthError::StoreUnavailable)?;
        snapshot.caller(presented, client, SystemTime::now())
    }

    fn bound_client(&self, presented: &PresentedKey) -> Option<ClientName> {
        self.inner.snapshot.load().as_ref()?.bound_client(presented)
    }

    fn holder(&self, presented: &PresentedKey) -> Result<Caller, AuthError> {
        let snapshot = self.inner.snapshot.load();
        let snapshot = snapshot.as_ref().ok_or(AuthError::StoreUnavailable)?;
        snapshot.holder(presented, SystemTime::now())
    }

    /// One reading that begins after now serves everybody who waits for it.
    async fn refresh(&self) {
        let asked = Instant::now();
        let mut began = self.inner.reading.lock().await;
        if let Some(last) = *began {
            if last >= asked {
                return;
            }
            tokio::time::sleep_until(last + Self::PAUSE).await;
        }
        if let Err(error) = self.inner.read(&mut began).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the API keys cannot be read");
        }
    }
}
