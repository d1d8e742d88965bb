//! Statements that a session keeps under names of ours: how many, how large, and which has to go.

use futures_util::TryStreamExt;
use sqlx::{Executor, PgConnection, Row};
use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// The database keeps each with its plan, which takes several times the room of its text.
const MOST: usize = 100;
const ROOM: usize = 512 << 10;
/// A longer one is prepared for once.
const LONGEST: usize = 16 << 10;

const PREFIX: &str = "athena_";
const NAMES: &str = "SELECT name FROM pg_catalog.pg_prepared_statements";

/// A name is never given twice, whichever session it is for: where a proxy hands the database's
/// sessions round, a statement that is somewhere else is missed, but never taken for another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Name(Box<str>);

impl Name {
    pub(crate) fn fresh() -> Self {
        static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(format!("{PREFIX}{:016x}_{number}", *PROCESS).into())
    }

    /// Letters, digits and underscores.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What one session keeps.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    kept: HashMap<String, Kept>,
    bytes: usize,
    clock: u64,
    doomed: Vec<Name>,
    is_unsure: bool,
}

#[derive(Debug)]
struct Kept {
    name: Name,
    used: u64,
}

impl Prepared {
    /// By everything that decides what the statement means.
    pub(crate) fn find(&mut self, key: &str) -> Option<Name> {
        self.clock += 1;
        let kept = self.kept.get_mut(key)?;
        kept.used = self.clock;
        Some(kept.name.clone())
    }

    /// It is there from now on, and others may have to go for it.
    pub(crate) fn keep(&mut self, key: String, name: Name) {
        if key.len() > LONGEST {
            return self.doomed.push(name);
        }
        self.clock += 1;
        self.bytes += key.len();
        if let Some(before) = self.kept.insert(key, Kept { name, used: self.clock }) {
            self.doomed.push(before.name);
        }
        while self.kept.len() > MOST || self.bytes > ROOM {
            let oldest = self.kept.iter().min_by_key(|(_, kept)| kept.used);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else { return };
            self.bytes -= key.len();
            self.doomed.extend(self.kept.remove(&key).map(|kept| kept.name));
        }
    }

    /// What the next message should take away.
    pub(crate) fn doomed(&self) -> &[Name] {
        &self.doomed
    }

    /// The first so many of them are gone.
    pub(crate) fn gone(&mut self, count: usize) {
        self.doomed.drain(..count);
    }

    /// Something is on its way that makes or takes away statements.
    pub(crate) fn unsure(&mut self, is_unsure: bool) {
        self.is_unsure = is_unsure;
    }

    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Nobody heard how the last message ended, so the session is asked what it keeps.
    pub(crate) async fn reconcile(
        &mut self,
        connection: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        if !self.is_unsure {
            return Ok(());
        }
        let mut rows = connection.fetch(NAMES);
        let mut there = HashSet::new();
        while let Some(row) = rows.try_next().await? {
            let name: String = row.try_get(0)?;
            if name.starts_with(PREFIX) {
                there.insert(Name(name.into()));
            }
        }
        self.kept.retain(|_, kept| there.remove(&kept.name));
        self.bytes = self.kept.keys().map(String::len).sum();
        self.doomed = there.into_iter().collect();
        self.is_unsure = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(count: usize, length: usize) -> Prepared {
        let mut prepared = Prepared::default();
        for number in 0..count {
            prepared.keep(format!("{number:0length$}"), Name::fresh());
        }
        prepared
    }

    #[test]
    fn what_was_not_used_for_the_longest_time_goes_first() {
        let mut prepared = filled(MOST, 8);
        assert!(prepared.find("00000000").is_some() && prepared.doomed().is_empty());
        prepared.keep("new".to_owned(), Name::fresh());
        assert_eq!((prepared.kept.len(), prepared.doomed().len()), (MOST, 1));
        assert!(prepared.find("00000000").is_some() && prepared.find("00000001").is_none());
        prepared.gone(1);
        assert!(prepared.doomed().is_empty());
    }

    #[test]
    fn long_statements_leave_room_for_fewer_and_the_longest_are_not_kept() {
        let prepared = filled(64, 10_000);
        assert!(prepared.kept.len() == ROOM / 10_000 && prepared.bytes <= ROOM);
        let once = filled(1, LONGEST + 1);
        assert!(once.kept.is_empty() && once.doomed().len() == 1);
    }

    #[test]
    fn no_name_is_given_twice() {
        let names: HashSet<_> = (0..1_000).map(|_| Name::fresh()).collect();
        assert_eq!(names.len(), 1_000);
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        assert!(names.iter().all(|name| name.as_str().len() < 64 && name.0.bytes().all(is_plain)));
    }
}
