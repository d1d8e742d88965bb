//! The keys in memory, and the task that keeps them true.

mod hash;
mod snapshot;
#[cfg(test)]
mod tests;
mod upkeep;

pub(crate) use hash::to_store;

use super::Doorkeeper;
use crate::admin::keys::Keys;
use api_types::ClientName;
use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use auth::{AuthError, Caller, KeptAdminKey, KeyId, Peppers, PresentedKey};
use snapshot::{Reading, Snapshot};
use std::{
    collections::HashSet,
    sync::{Arc, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};
use store::{KeysWanted, Store, StoreError, to_the_end};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, watch},
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
    /// The server's own part in the hashes of keys; none in front of keys that are merely salted.
    peppers: Option<Peppers>,
    /// Nothing until the store was read once; from then on the last state that could be read.
    snapshot: ArcSwapOption<Snapshot>,
    /// Readings take turns.
    reading: Arc<Mutex<LastReading>>,
    /// Keys somebody showed that nobody knew: the next reading is to look for them.
    wanted: std::sync::Mutex<HashSet<KeyId>>,
    end: watch::Sender<bool>,
    upkeep: Mutex<Option<JoinHandle<()>>>,
}

/// What came of the last reading. One that is under way has not ended well yet.
#[derive(Debug, Clone, Copy, Default)]
struct LastReading {
    began: Option<Instant>,
    ended_well: bool,
}

impl LastReading {
    fn begin(&mut self) {
        *self = Self { began: Some(Instant::now()), ended_well: false };
    }
}

impl Keyring {
    /// The least time between two readings that unknown keys ask for.
    const PAUSE: Duration = Duration::from_millis(200);
    /// Keys that one reading looks for; whoever shows one more is told at once that it is unknown.
    const MOST_WANTED: usize = 4_096;
    /// The longest until the store answers.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// Read the keys if the store answers, and keep them true from now on.
    pub async fn start(store: Store) -> Self {
        Self::begin(store, None).await
    }

    /// The same, with new hashes made under the server's pepper and older ones made anew on use.
    pub async fn peppered(store: Store, peppers: Peppers) -> Self {
        Self::begin(store, Some(peppers)).await
    }

    async fn begin(store: Store, peppers: Option<Peppers>) -> Self {
        let keyring = Self {
            inner: Arc::new(Inner {
                store,
                peppers,
                snapshot: ArcSwapOption::empty(),
                reading: Arc::default(),
                wanted: std::sync::Mutex::default(),
                end: watch::Sender::new(false),
                upkeep: Mutex::new(None),
            }),
        };
        // Whoever listens before they read need not read again when they listen.
        let mut listening =
            tokio::time::timeout(Self::PATIENCE, keyring.store().key_changes()).await;
        if let Err(error) = keyring.reload().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the API keys cannot be read yet"
            );
            listening = Ok(Err(error));
        }
        let (ring, end) = (Arc::downgrade(&keyring.inner), keyring.inner.end.subscribe());
        let upkeep = upkeep::run(ring, end, listening.ok().and_then(Result::ok));
        *keyring.inner.upkeep.lock().await = Some(tokio::spawn(upkeep));
        keyring
    }

    /// What administrators do with keys, with this ring hearing of it at once.
    pub fn keys(&self) -> Keys {
        Keys::new(self.inner.store.clone())
            .peppered(self.inner.peppers.clone())
            .heard_by(self.clone())
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn peppers(&self) -> Option<&Peppers> {
        self.inner.peppers.as_ref()
    }

    /// Admin keys that the store keeps.
    pub(crate) fn admin_keys(&self) -> Vec<KeptAdminKey> {
        self.inner.snapshot.load().as_ref().map(|kept| kept.admin_keys()).unwrap_or_default()
    }

    /// Read the keys now. When that fails, those of the last reading stay in force.
    pub async fn reload(&self) -> Result<(), StoreError> {
        let mut last = self.inner.turn().await;
        let inner = Arc::clone(&self.inner);
        to_the_end(async move { inner.read(&mut last).await })
            .await
            .unwrap_or(Err(StoreError::Slow))
    }

    /// The same for one key, whether or not there still is one of this id.
    pub(crate) async fn reload_one(&self, public_id: &str) -> Result<(), StoreError> {
        let mut last = self.inner.turn().await;
        let inner = Arc::clone(&self.inner);
        let wanted = KeysWanted { public_ids: vec![public_id.to_owned()], ..KeysWanted::default() };
        let read = to_the_end(async move { inner.read_some(&mut last, wanted).await }).await;
        read.unwrap_or(Err(StoreError::Slow))
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
    /// Whoever waits for it may go away. A reading itself, once begun, is brought to its end: others
    /// wait for it, and rest on it.
    async fn turn(&self) -> OwnedMutexGuard<LastReading> {
        Arc::clone(&self.reading).lock_owned().await
    }

    async fn reload(&self) -> Result<(), StoreError> {
        let mut last = self.turn().await;
        self.read(&mut last).await
    }

    async fn read(&self, last: &mut LastReading) -> Result<(), StoreError> {
        last.begin();
        self.take_wanted();
        let before = self.snapshot.load_full();
        let mut reading = Reading::new(before, self.peppers.clone());
        let keys = self.store.each_key(None, |row, names| reading.take(row, names));
        let doors = async {
            let both =
                async { tokio::try_join!(self.store.load_policy(), self.store.load_admin_keys()) };
            let both = tokio::time::timeout(Keyring::PATIENCE, both).await;
            both.map_err(|_elapsed| StoreError::Slow)?
        };
        let (_names, (policy, admin_keys)) = tokio::try_join!(keys, doors)?;
        self.snapshot.store(Some(Arc::new(reading.finish(&policy, &admin_keys))));
        last.ended_well = true;
        Ok(())
    }

    /// Read some of the keys again, and those that nobody knew so far. The others stay as they are.
    async fn read_some(
        &self,
        last: &mut LastReading,
        mut wanted: KeysWanted,
    ) -> Result<(), StoreError> {
        let Some(before) = self.snapshot.load_full() else { return self.read(last).await };
        last.begin();
        wanted.public_ids.extend(self.take_wanted().into_iter().map(|id| id.0.to_string()));
        let mut rows = Vec::new();
        let names = self.store.each_key(Some(&wanted), |row, _| rows.push(row)).await?;
        if let Some(changed) = before.with(&wanted, rows, &names) {
            self.snapshot.store(Some(Arc::new(changed)));
        }
        last.ended_well = true;
        Ok(())
    }

    async fn reload_rows(&self, rows: Vec<i64>) -> Result<(), StoreError> {
        let mut last = self.turn().await;
        self.read_some(&mut last, KeysWanted { rows, ..KeysWanted::default() }).await
    }

    fn take_wanted(&self) -> HashSet<KeyId> {
        std::mem::take(&mut *self.wanted())
    }

    fn wanted(&self) -> MutexGuard<'_, HashSet<KeyId>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hand the last uses and the better hashes that were not written down yet to the store.
    async fn write_down(&self) {
        let Some(snapshot) = self.snapshot.load_full() else { return };
        let used = snapshot.unwritten_uses();
        if !used.is_empty() {
            match self.store.touch_keys(&used).await {
                Ok(()) => snapshot.mark_written(&used),
                // They stay unwritten, and are tried again.
                Err(error) => told(&error),
            }
        }
        for better in snapshot.better_hashes() {
            let (id, from, to) = (&better.public_id, &better.from, &better.to);
            if let Err(error) = self.store.upgrade_hash(id, from, to).await {
                told(&error);
            }
        }
    }
}

fn told(error: &StoreError) {
    tracing::debug!(error = error as &dyn std::error::Error, "uses of keys were not written");
}

#[async_trait]
impl Doorkeeper for Keyring {
    fn caller(&self, presented: &PresentedKey, client: &ClientName) -> Result<Caller, AuthError> {
        let snapshot = self.inner.snapshot.load();
        let snapshot = snapshot.as_ref().ok_or(AuthError::StoreUnavailable)?;
        snapshot.caller(presented, client, SystemTime::now())
    }

    fn stand_in(&self, id: Option<&KeyId>, client: &ClientName) -> Result<Caller, AuthError> {
        let snapshot = self.inner.snapshot.load();
        let snapshot = snapshot.as_ref().ok_or(AuthError::StoreUnavailable)?;
        snapshot.stand_in(id, client, SystemTime::now())
    }

    fn bound_client(&self, presented: &PresentedKey) -> Option<ClientName> {
        self.inner.snapshot.load().as_ref()?.bound_client(presented)
    }

    fn holder(&self, presented: &PresentedKey) -> Result<Caller, AuthError> {
        let snapshot = self.inner.snapshot.load();
        let snapshot = snapshot.as_ref().ok_or(AuthError::StoreUnavailable)?;
        snapshot.holder(presented, SystemTime::now())
    }

    fn demands_keys(&self) -> bool {
        // Keys that could not be read yet are demanded.
        self.inner.snapshot.load().as_ref().is_none_or(|kept| kept.demands_keys())
    }

    fn is_known_wrong(&self, presented: &PresentedKey) -> bool {
        self.inner.snapshot.load().as_ref().is_some_and(|kept| kept.is_known_wrong(presented))
    }

    fn remember_wrong(&self, presented: &PresentedKey) {
        if let Some(snapshot) = self.inner.snapshot.load().as_ref() {
            snapshot.remember_wrong(presented);
        }
    }

    /// One reading that begins after now serves everybody who waits for it.
    async fn refresh(&self, id: Option<&KeyId>) -> bool {
        if let Some(id) = id {
            let mut wanted = self.inner.wanted();
            if wanted.len() < Self::MOST_WANTED {
                wanted.insert(id.clone());
            }
        }
        let asked = Instant::now();
        let mut last = self.inner.turn().await;
        if let Some(began) = last.began {
            if began >= asked {
                return last.ended_well;
            }
            tokio::time::sleep_until(began + Self::PAUSE).await;
        }
        let inner = Arc::clone(&self.inner);
        let read = async move { inner.read_some(&mut last, KeysWanted::default()).await };
        match to_the_end(read).await {
            Some(Ok(())) => true,
            Some(Err(error)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the API keys cannot be read"
                );
                false
            }
            None => false,
        }
    }
}
