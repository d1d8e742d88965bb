//! One key in memory, as small as it can be: there may be very many.

use super::super::hash::{from_store, is_foreign, to_store};
use api_types::ClientName;
use auth::{ApiKey, KeyId, Peppers, Previous, Right, StoredKey};
use std::{
    collections::{BTreeSet, HashMap, HashSet, hash_map::RandomState},
    hash::BuildHasher,
    sync::{Arc, OnceLock, atomic::AtomicU64},
};
use store::{KeyHash, KeyRow, RightNames};

pub(super) struct Held {
    pub(super) key: StoredKey,
    pub(super) row: i64,
    /// Another one when anything about the key is another.
    pub(super) mark: u64,
    pub(super) uses: Arc<Uses>,
    pub(super) outdated: Option<Box<Outdated>>,
}

/// A hash that is not made as new ones are.
pub(super) struct Outdated {
    pub(super) from: KeyHash,
    pub(super) better: OnceLock<KeyHash>,
}

/// Milliseconds since 1970. They outlive the snapshot, so that a reading loses none.
#[derive(Default)]
pub(super) struct Uses {
    pub(super) last: AtomicU64,
    pub(super) written: AtomicU64,
}

impl Held {
    /// Only who has the secret can make its hash anew.
    pub(super) fn improve(&self, key: &ApiKey, peppers: Option<&Peppers>) {
        let Some(outdated) = &self.outdated else { return };
        if outdated.better.get().is_none() && self.key.hash.verifies(key) {
            // Whoever came first made the same hash.
            let _ = outdated.better.set(to_store(&key.hash(peppers)));
        }
    }
}

/// Makes keys of rows. What many of them have in common is there once.
pub(super) struct Maker {
    peppers: Option<Peppers>,
    marks: RandomState,
    clients: HashSet<ClientName>,
    rights: HashMap<Vec<i64>, RightSet>,
    /// Rows of keys whose pepper is not here.
    pub(super) foreign: BTreeSet<i64>,
}

#[derive(Clone)]
struct RightSet {
    rights: Arc<[Right]>,
    mark: u64,
}

impl Maker {
    pub(super) fn new(peppers: Option<Peppers>, marks: RandomState) -> Self {
        Self {
            peppers,
            marks,
            clients: HashSet::new(),
            rights: HashMap::new(),
            foreign: BTreeSet::new(),
        }
    }

    /// The key that was there already when nothing about it changed. A row that cannot be understood
    /// opens nothing, and is told once for each reading.
    pub(super) fn make(
        &mut self,
        row: KeyRow,
        names: &RightNames,
        known: Option<&Arc<Held>>,
    ) -> Option<Arc<Held>> {
        if is_foreign(&row.hash, self.peppers.as_ref()) {
            self.foreign.insert(row.row);
            return None;
        }
        let rights = self.rights(&row.rights, names);
        let mark = self.marks.hash_one((&row, rights.mark));
        if let Some(known) = known.filter(|known| known.mark == mark) {
            return Some(Arc::clone(known));
        }
        let (peppers, number) = (self.peppers.as_ref(), row.row);
        let hash = from_store(row.hash.clone(), peppers);
        let client = row.client_name.as_deref().map(ClientName::parse).transpose();
        let (Some(hash), Ok(client)) = (hash, client) else {
            tracing::warn!(public_id = row.public_id, "an API key's row cannot be understood");
            return None;
        };
        let previous = row.previous.and_then(|previous| {
            let hash = from_store(previous.hash, peppers)?;
            Some(Box::new(Previous { hash, until: previous.until }))
        });
        let outdated = (!hash.is_current(peppers))
            .then(|| Box::new(Outdated { from: row.hash, better: OnceLock::new() }));
        let key = StoredKey {
            id: known.map_or_else(|| KeyId(Arc::from(row.public_id)), |held| held.key.id.clone()),
            hash,
            previous,
            client: client.map(|name| self.shared(name)),
            rights: rights.rights,
            active: row.is_active,
            expires_at: row.expires_at,
        };
        let uses = known.map(|held| Arc::clone(&held.uses)).unwrap_or_default();
        Some(Arc::new(Held { key, row: number, mark, uses, outdated }))
    }

    fn rights(&mut self, numbers: &[i64], names: &RightNames) -> RightSet {
        if let Some(set) = self.rights.get(numbers) {
            return set.clone();
        }
        let mut named: Vec<&Arc<str>> = numbers.iter().filter_map(|id| names.get(id)).collect();
        named.sort();
        let rights = named.iter().map(|name| Right(Arc::clone(name))).collect();
        let set = RightSet { rights, mark: self.marks.hash_one(&named) };
        self.rights.insert(numbers.to_vec(), set.clone());
        set
    }

    fn shared(&mut self, name: ClientName) -> ClientName {
        if let Some(known) = self.clients.get(&name) {
            return known.clone();
        }
        self.clients.insert(name.clone());
        name
    }
}
