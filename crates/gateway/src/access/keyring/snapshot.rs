//! The keys as they were read once: looked up without a lock.

mod held;
mod reading;
mod wrong;

pub(super) use reading::Reading;

use api_types::ClientName;
use auth::{
    ApiKey, ApiKeyHash, AuthError, Caller, KeptAdminKey, KeyId, Peppers, PresentedKey, Refused,
    StoredKey,
};
use held::Held;
use std::{
    collections::{BTreeSet, HashMap, hash_map::RandomState},
    sync::{Arc, atomic::Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use store::{AdminKeyRow, KeyHash, Policy};
use wrong::Wrong;

/// Uses within this time of one that is written down are not worth another write.
const COARSE: Duration = Duration::from_secs(10);

pub(super) struct Snapshot {
    keys: HashMap<KeyId, Arc<Held>>,
    doors: Arc<Doors>,
    peppers: Option<Peppers>,
    /// Rows of keys whose pepper is not here.
    foreign: BTreeSet<i64>,
    /// What an unknown key is compared with, so that it takes as long as a known one.
    decoy: ApiKeyHash,
    wrong: Wrong,
    /// Tells whether a key's row is as it was.
    marks: RandomState,
}

/// Whether keys are demanded, and which open everything.
struct Doors {
    admin_keys: Vec<KeptAdminKey>,
    enforced: bool,
    exceptions: HashMap<ClientName, bool>,
}

impl Doors {
    fn new(policy: &Policy, admin_keys: &[AdminKeyRow], peppers: Option<&Peppers>) -> Self {
        let exceptions = policy
            .clients
            .iter()
            .filter_map(|(name, enforced)| Some((ClientName::parse(name).ok()?, *enforced)));
        Self {
            admin_keys: admin_keys.iter().filter_map(|row| admin_key(row, peppers)).collect(),
            enforced: policy.enforced,
            exceptions: exceptions.collect(),
        }
    }

    fn demand(&self, client: &ClientName) -> bool {
        self.exceptions.get(client).copied().unwrap_or(self.enforced)
    }
}

/// A hash to keep in place of an older one of the same secret.
pub(super) struct Better {
    pub(super) public_id: String,
    pub(super) from: KeyHash,
    pub(super) to: KeyHash,
}

impl Snapshot {
    pub(super) fn caller(
        &self,
        presented: &PresentedKey,
        client: &ClientName,
        now: SystemTime,
    ) -> Result<Caller, AuthError> {
        if !self.doors.demand(client) {
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
            None if self.doors.demand(client) => Err(AuthError::KeyRequired),
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
        self.doors.enforced
    }

    pub(super) fn admin_keys(&self) -> Vec<KeptAdminKey> {
        self.doors.admin_keys.clone()
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
            if let Some(held) = self.keys.get(id.as_str()) {
                held.uses.written.store(millis(*at), Ordering::Relaxed);
            }
        }
    }

    /// The next reading knows them as current, so each is written once or twice at most.
    pub(super) fn better_hashes(&self) -> Vec<Better> {
        let better = self.keys.iter().filter_map(|(id, held)| {
            let outdated = held.outdated.as_ref()?;
            let (from, to) = (outdated.from.clone(), outdated.better.get()?.clone());
            Some(Better { public_id: id.0.to_string(), from, to })
        });
        better.collect()
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
