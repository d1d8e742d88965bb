//! Which records are not as they were: found out without reading them.

use super::{Book, Held};
use api_types::ClientName;
use std::collections::BTreeMap;
use store::{ClientMark, StoreError};

/// The rows under one name as they were: that of the configuration, and that of the run time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marks {
    configured: i64,
    runtime: i64,
}

/// What is known of a name before its record is read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) marks: Marks,
    pub(super) version: i32,
    /// It is of the run time, open, and ours: nothing need be done before somebody asks for it.
    pub(super) may_sleep: bool,
}

impl Book {
    /// Every name that counts on this node.
    pub(super) async fn marks(&self) -> Result<BTreeMap<ClientName, Seen>, StoreError> {
        let mut all = self.unmarked();
        self.desk.store.each_client_mark(|row| self.mark(&mut all, row)).await?;
        Ok(all)
    }

    /// The clients of the configuration are there whatever the rows say.
    pub(super) fn unmarked(&self) -> BTreeMap<ClientName, Seen> {
        self.configured.keys().map(|name| (name.clone(), Seen::default())).collect()
    }

    pub(super) fn mark(&self, all: &mut BTreeMap<ClientName, Seen>, row: ClientMark) {
        let is_ours = self.configured.contains_key(&row.name);
        // Another node may have others in its configuration.
        if row.configured && !is_ours {
            return;
        }
        let seen = all.entry(row.name).or_default();
        if row.configured {
            seen.marks.configured = row.mark;
        } else {
            seen.marks.runtime = row.mark;
        }
        seen.version = row.version;
        seen.may_sleep = row.open && row.managed && !is_ours;
    }

    /// Those for which something may have to be done. The first few clients are connected before
    /// anybody asks for them; of the others the name is known, and that is all.
    pub(super) fn changed(
        &self,
        all: &BTreeMap<ClientName, Seen>,
    ) -> Vec<(ClientName, Option<Marks>)> {
        let mut open = self.registry.upstreams().len();
        let mut changed = Vec::new();
        for (name, seen) in all {
            let slot = self.slot(name);
            // Whoever holds it does something about it at this moment.
            let is_settled = match slot.try_lock() {
                Err(_held) => false,
                Ok(held) if held.is_new() && !(seen.may_sleep && open >= Self::AWAKE) => {
                    open += 1;
                    false
                }
                Ok(mut held) if held.may_lie(seen) => {
                    self.lay(name, &mut held, seen);
                    true
                }
                Ok(held) => held.is_settled(seen) && (held.is_asleep || self.has_pool(name, &held)),
            };
            if !is_settled {
                changed.push((name.clone(), Some(seen.marks)));
            }
        }
        changed
    }

    fn has_pool(&self, name: &ClientName, held: &Held) -> bool {
        self.registry.pool_of(name) == held.pool
    }
}

impl Held {
    fn is_new(&self) -> bool {
        self.wish.is_none() && !self.is_asleep
    }

    fn is_settled(&self, seen: &Seen) -> bool {
        self.marks == seen.marks && !self.again
    }

    /// It is new or sleeps already, and its record does not keep it awake.
    fn may_lie(&self, seen: &Seen) -> bool {
        self.wish.is_none() && seen.may_sleep
    }
}
