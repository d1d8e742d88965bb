//! The keys as they were read once: looked up without a lock.

use api_types::ClientName;
use auth::{ApiKey, ApiKeyHash, AuthError, Caller, KeyId, PresentedKey, Refused, Right, StoredKey};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use store::{KeyRow, Policy};

/// Uses within this time of one that is written down are not worth another write.
const COARSE: Duration = Duration::from_secs(10);

pub(super) struct Snapshot {
    keys: HashMap<KeyId, Held>,
    enforced: bool,
    exceptions: HashMap<ClientName, bool>,
}

struct Held {
    key: StoredKey,
    uses: Arc<Uses>,
}

/// Milliseconds since 1970. They outlive the snapshot, so that a reading loses none.
#[derive(Default)]
struct Uses {
    last: AtomicU64,
    written: AtomicU64,
}

impl Snapshot {
    pub(super) fn new(rows: Vec<KeyRow>, policy: &Policy, before: Option<&Self>) -> Self {
        let held = rows.into_iter().filter_map(stored).map(|key| {
            let known = before.and_then(|before| before.keys.get(&key.id));
            let uses = known.map(|held| Arc::clone(&held.uses)).unwrap_or_default();
            (key.id.clone(), Held { key, uses })
        });
        let exceptions = policy
            .clients
            .iter()
            .filter_map(|(name, enforced)| Some((ClientName::parse(name).ok()?, *enforced)));
        let exceptions = exceptions.collect();
        Self { keys: held.collect(), enforced: policy.enforced, exceptions }
    }

    pub(super) fn caller(
        &self,
        presented: &PresentedKey,
        client: &ClientName,
        now: SystemTime,
    ) -> Result<Caller, AuthError> {
        if !self.exceptions.get(client).copied().unwrap_or(self.enforced) {
            return Ok(Caller::anonymous());
        }
        self.known(presented, now, |held, key| held.admit(key, client, now))
    }

    /// Whose key this is, wherever it may be used.
    pub(super) fn holder(
        &self,
        presented: &PresentedKey,
        now: SystemTime,
    ) -> Result<Caller, AuthError> {
        self.known(presented, now, |held, key| held.recognise(key, now))
    }

    fn known(
        &self,
        presented: &PresentedKey,
        now: SystemTime,
        decide: impl FnOnce(&StoredKey, &ApiKey) -> Result<Caller, AuthError>,
    ) -> Result<Caller, AuthError> {
        let key = presented.key()?;
        let held = self.keys.get(key.id()).ok_or(AuthError::InvalidKey(Refused::Unknown))?;
        let caller = decide(&held.key, &key)?;
        held.uses.last.store(millis(now), Ordering::Relaxed);
        Ok(caller)
    }

    pub(super) fn bound_client(&self, presented: &PresentedKey) -> Option<ClientName> {
        let key = presented.key().ok()?;
        let held = self.keys.get(key.id())?;
        // Whoever does not have the whole key learns nothing of whom it is for.
        held.key.hash.verifies(&key).then(|| held.key.client.clone())?
    }

    pub(super) fn unwritten_uses(&self) -> Vec<(String, SystemTime)> {
        let used = self.keys.iter().filter_map(|(id, held)| {
            let last = held.uses.last.load(Ordering::Relaxed);
            let written = held.uses.written.load(Ordering::Relaxed);
            let due = last.saturating_sub(written) >= coarse();
            due.then(|| (id.0.to_string(), UNIX_EPOCH + Duration::from_millis(last)))
        });
        used.collect()
    }

    pub(super) fn mark_written(&self, used: &[(String, SystemTime)]) {
        for (id, at) in used {
            if let Some(held) = self.keys.get(&KeyId(Arc::from(id.as_str()))) {
                held.uses.written.store(millis(*at), Ordering::Relaxed);
            }
        }
    }
}

fn coarse() -> u64 {
    u64::try_from(COARSE.as_millis()).unwrap_or(u64::MAX)
}

fn millis(moment: SystemTime) -> u64 {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A row that cannot be understood opens nothing, and is told once for each reading.
fn stored(row: KeyRow) -> Option<StoredKey> {
    let hash = ApiKeyHash::from_stored(&row.salt, &row.hash);
    let client = row.client_name.as_deref().map(ClientName::parse).transpose();
    let (Some(hash), Ok(client)) = (hash, client) else {
        tracing::warn!(public_id = row.public_id, "an API key's row cannot be understood");
        return None;
    };
    Some(StoredKey {
        id: KeyId(Arc::from(row.public_id)),
        hash,
        client,
        rights: row.rights.into_iter().map(|right| Right(Arc::from(right))).collect(),
        active: row.is_active,
        expires_at: row.expires_at,
    })
}
