//! From rows to the next snapshot. What did not change is not made anew.

use super::{
    Doors, Snapshot,
    held::{Held, Maker},
    wrong::Wrong,
};
use auth::{ApiKey, KeyId, Peppers};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use store::{AdminKeyRow, KeyRow, KeysWanted, Policy, RightNames};

/// Every key, on its way into memory.
pub(in super::super) struct Reading {
    before: Option<Arc<Snapshot>>,
    maker: Maker,
    keys: HashMap<KeyId, Arc<Held>>,
    peppers: Option<Peppers>,
}

impl Reading {
    pub(in super::super) fn new(before: Option<Arc<Snapshot>>, peppers: Option<Peppers>) -> Self {
        let marks = before.as_ref().map(|before| before.marks.clone()).unwrap_or_default();
        let keys = HashMap::with_capacity(before.as_ref().map_or(0, |before| before.keys.len()));
        Self { maker: Maker::new(peppers.clone(), marks), before, keys, peppers }
    }

    pub(in super::super) fn take(&mut self, row: KeyRow, names: &RightNames) {
        let known = self.before.as_ref().and_then(|before| before.keys.get(&*row.public_id));
        if let Some(held) = self.maker.make(row, names, known) {
            self.keys.insert(held.key.id.clone(), held);
        }
    }

    pub(in super::super) fn finish(self, policy: &Policy, admin_keys: &[AdminKeyRow]) -> Snapshot {
        let before = self.before.as_deref();
        let foreign = self.maker.foreign;
        if !foreign.is_empty() && before.is_none_or(|it| it.foreign.len() != foreign.len()) {
            tracing::warn!(
                keys = foreign.len(),
                "API keys were made with a pepper that this server does not have, and open nothing \
                 here; ATHENA_KEY_PEPPER must be the same wherever one store is used"
            );
        }
        let marks = before.map(|before| before.marks.clone()).unwrap_or_default();
        let peppers = self.peppers;
        Snapshot {
            keys: self.keys,
            doors: Arc::new(Doors::new(policy, admin_keys, peppers.as_ref())),
            decoy: ApiKey::generate().hash(peppers.as_ref()),
            peppers,
            foreign,
            wrong: Wrong::default(),
            marks,
        }
    }
}

impl Snapshot {
    /// The same with some keys as they were read just now; nothing when they are as they were.
    pub(in super::super) fn with(
        &self,
        wanted: &KeysWanted,
        read: Vec<KeyRow>,
        names: &RightNames,
    ) -> Option<Self> {
        let rows: HashSet<i64> = wanted.rows.iter().copied().collect();
        let by_row = self.keys.values().filter(|held| rows.contains(&held.row));
        let by_id = wanted.public_ids.iter().filter_map(|id| self.keys.get(id.as_str()));
        let mut gone: HashMap<KeyId, &Arc<Held>> =
            by_row.chain(by_id).map(|held| (held.key.id.clone(), held)).collect();
        let mut maker = Maker::new(self.peppers.clone(), self.marks.clone());
        let mut changed = Vec::new();
        for row in read {
            let known = self.keys.get(&*row.public_id);
            let Some(held) = maker.make(row, names, known) else { continue };
            gone.remove(&held.key.id);
            if known.is_none_or(|known| !Arc::ptr_eq(known, &held)) {
                changed.push(held);
            }
        }
        if gone.is_empty() && changed.is_empty() {
            return None;
        }
        let mut keys = self.keys.clone();
        gone.keys().for_each(|id| drop(keys.remove(id)));
        keys.extend(changed.into_iter().map(|held| (held.key.id.clone(), held)));
        Some(Self {
            keys,
            doors: Arc::clone(&self.doors),
            decoy: self.decoy.clone(),
            peppers: self.peppers.clone(),
            foreign: self.foreign.union(&maker.foreign).copied().collect(),
            wrong: Wrong::default(),
            marks: self.marks.clone(),
        })
    }
}
