//! The keys as they were read once: looked up without a lock.

mod wrong;

use super::hash::{from_store, is_foreign, to_store};
use api_types::ClientName;
use auth::{
    ApiKey, ApiKeyHash, AuthError, Caller, KeptAdminKey, KeyId, Peppers, PresentedKey, Previous,
    Refused, Right, StoredKey,
};
use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use store::{AdminKeyRow, KeyHash, KeyRow, Policy};
use wrong::Wrong;

/// Uses within this time of one that is written down are not worth another write.
const COARSE: Duration = Duration::from_secs(10);

/// What the store said.
pub(super) struct Reading {
    pub(super) keys: Vec<KeyRow>,
    pub(super) policy: Policy,
    pub(super) admin_keys: Vec<AdminKeyRow>,
}

pub(super) struct Snapshot {
    keys: HashMap<KeyId, Held>,
    admin_keys: Vec<KeptAdminKey>,
    enforced: bool,
    exceptions: HashMap<ClientName, bool>,
    peppers: Option<Peppers>,
    /// Keys whose pepper is not here.
    foreign: usize,
    /// What an unknown key is compared with, so that it takes as long as a known one.
    decoy: ApiKeyHash,
    wrong: Wrong,
}

struct Held {
    key: StoredKey,
    uses: Arc<Uses>,
    /// As its row has it, when that is not how hashes are made now.
    outdated: Option<KeyHash>,
    better: OnceLock<KeyHash>,
}

/// Milliseconds since 1970. They outlive the snapshot, so that a reading loses none.
#[derive(Default)]
struct Uses {
    last: AtomicU64,
    written: AtomicU64,
}

/// A hash to keep in place of an older one of the same secret.
pub(super) struct Better {
    pub(super) public_id: String,
    pub(super) from: KeyHash,
    pub(super) to: KeyHash,
}

impl Snapshot {
    pub(super) fn new(reading: Reading, peppers: Option<&Peppers>, before: Option<&Self>) -> Self {
        let Reading { keys, policy, admin_keys } = reading;
        let foreign = keys.iter().filter(|row| is_foreign(&row.hash, peppers)).count();
        if foreign > 0 && before.is_none_or(|before| before.foreign != foreign) {
            tracing::warn!(
                keys = foreign,
                "API keys were made with a pepper that this server does not have, and open nothing \
                 here; ATHENA_KEY_PEPPER must be the same wherever one store is used"
            );
        }
        let held = keys.into_iter().filter_map(|row| Held::of(row, peppers)).map(|mut held| {
            let known = before.and_then(|before| before.keys.get(&held.key.id));
            held.uses = known.map(|held| Arc::clone(&held.uses)).unwrap_or_default();
            (held.key.id.clone(), held)
        });
        let exceptions = policy
            .clients
            .iter()
            .filter_map(|(name, enforced)| Some((ClientName::parse(name).ok()?, *enforced)));
        Self {
            keys: held.collect(),
            admin_keys: admin_keys.iter().filter_map(|row| admin_key(row, peppers)).collect(),
            enforced: policy.enforced,
            exceptions: exceptions.collect(),
            peppers: peppers.cloned(),
            foreign,
            decoy: ApiKey::generate().hash(peppers),
            wrong: Wrong::default(),
        }
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

    /// Whoever filed work at this client's door with this key, or without one, as of now.
    pub(super) fn stand_in(
        &self,
        id: Option<&KeyId>,
        client: &ClientName,
        now: SystemTime,
    ) -> Result<Caller, AuthError> {
        match id {
            Some(id) => {
                let held = self.keys.get(id).ok_or(AuthError::InvalidKey(Refused::Unknown))?;
                held.key.stand_in(client, now)
            }
            None if self.exceptions.get(client).copied().unwrap_or(self.enforced) => {
                Err(AuthError::KeyRequired)
            }
            None => Ok(Caller::anonymous()),
        }
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
        let Some(held) = self.keys.get(key.id()) else {
            std::hint::black_box(self.decoy.verifies(&key));
            return Err(AuthError::InvalidKey(Refused::Unknown));
        };
        let caller = decide(&held.key, &key)?;
        held.uses.last.store(millis(now), Ordering::Relaxed);
        if held.outdated.is_some() {
            held.improve(&key, self.peppers.as_ref());
        }
        Ok(caller)
    }

    pub(super) fn bound_client(&self, presented: &PresentedKey) -> Option<ClientName> {
        let key = presented.key().ok()?;
        let held = self.keys.get(key.id())?;
        // Whoever does not have the whole key learns nothing of whom it is for.
        held.key.opened_by(&key, SystemTime::now())?;
        held.key.client.clone()
    }

    pub(super) fn demands_keys(&self) -> bool {
        self.enforced
    }

    pub(super) fn admin_keys(&self) -> Vec<KeptAdminKey> {
        self.admin_keys.clone()
    }

    pub(super) fn is_known_wrong(&self, presented: &PresentedKey) -> bool {
        self.wrong.has(presented)
    }

    pub(super) fn remember_wrong(&self, presented: &PresentedKey) {
        self.wrong.add(presented);
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

    /// The next reading knows them as current, so each is written once or twice at most.
    pub(super) fn better_hashes(&self) -> Vec<Better> {
        let better = self.keys.iter().filter_map(|(id, held)| {
            let (from, to) = (held.outdated.clone()?, held.better.get()?.clone());
            Some(Better { public_id: id.0.to_string(), from, to })
        });
        better.collect()
    }
}

impl Held {
    /// A row that cannot be understood opens nothing, and is told once for each reading.
    fn of(row: KeyRow, peppers: Option<&Peppers>) -> Option<Self> {
        if is_foreign(&row.hash, peppers) {
            return None;
        }
        let hash = from_store(row.hash.clone(), peppers);
        let client = row.client_name.as_deref().map(ClientName::parse).transpose();
        let (Some(hash), Ok(client)) = (hash, client) else {
            tracing::warn!(public_id = row.public_id, "an API key's row cannot be understood");
            return None;
        };
        let previous = row.previous.and_then(|previous| {
            let hash = from_store(previous.hash, peppers)?;
            Some(Previous { hash, until: previous.until })
        });
        let outdated = (!hash.is_current(peppers)).then_some(row.hash);
        let key = StoredKey {
            id: KeyId(Arc::from(row.public_id)),
            hash,
            previous,
            client,
            rights: row.rights.into_iter().map(|right| Right(Arc::from(right))).collect(),
            active: row.is_active,
            expires_at: row.expires_at,
        };
        Some(Self { key, uses: Arc::default(), outdated, better: OnceLock::new() })
    }

    /// Only who has the secret can make its hash anew.
    fn improve(&self, key: &ApiKey, peppers: Option<&Peppers>) {
        if self.better.get().is_none() && self.key.hash.verifies(key) {
            // Whoever came first made the same hash.
            let _ = self.better.set(to_store(&key.hash(peppers)));
        }
    }
}

fn admin_key(row: &AdminKeyRow, peppers: Option<&Peppers>) -> Option<KeptAdminKey> {
    KeptAdminKey::from_stored(&row.pepper_id, &row.digest, row.expires_at, peppers?)
}

fn coarse() -> u64 {
    u64::try_from(COARSE.as_millis()).unwrap_or(u64::MAX)
}

fn millis(moment: SystemTime) -> u64 {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
