//! The kinds of databases: their names, what each asks for, and how a form shows it.

mod config;
mod forms;

pub use config::{Connection, Reach, connection, reach};
pub use forms::described;

use crate::{
    Invalid,
    form::Form,
    settings::{POOL, SMALL_POOL},
};
use serde_json::{Map, Value};
use std::fmt;

/// A kind of database, by its canonical name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Driver {
    Postgres,
    Scylladb,
    Supabase,
    Sqlite,
    Memory,
    Mongodb,
    /// One that nobody here has heard of. Its record is kept, and nothing is opened.
    Other(String),
}

/// Every driver that is known, with the other names it goes by.
const NAMES: [(Driver, &str, &[&str]); 6] = [
    (Driver::Postgres, "postgres", &["postgresql", "pg", "neon"]),
    (Driver::Scylladb, "scylladb", &["scylla", "cassandra", "athena", "native"]),
    (Driver::Supabase, "supabase", &["postgrest", "custom_supabase"]),
    (Driver::Sqlite, "sqlite", &["sqlite3"]),
    (Driver::Memory, "memory", &["inmemory", "in-memory"]),
    (Driver::Mongodb, "mongodb", &["mongo"]),
];

impl Driver {
    /// By any of its names.
    pub fn parse(text: &str) -> Self {
        let text = text.trim().to_ascii_lowercase();
        let found =
            NAMES.iter().find(|(_, id, aliases)| *id == text || aliases.contains(&text.as_str()));
        match found {
            Some((driver, ..)) => driver.clone(),
            None => Self::Other(text.chars().filter(|c| !c.is_control()).take(64).collect()),
        }
    }

    pub fn id(&self) -> &str {
        match self {
            Self::Other(name) => name,
            known => NAMES.iter().find(|(driver, ..)| driver == known).map_or("", |(_, id, _)| id),
        }
    }

    pub fn known() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(driver, ..)| driver.clone())
    }

    pub fn aliases(&self) -> &'static [&'static str] {
        NAMES.iter().find(|(driver, ..)| driver == self).map_or(&[], |(_, _, aliases)| aliases)
    }

    /// Judge a configuration, secrets in the wrong place included.
    pub fn check(&self, config: &Map<String, Value>, wrong: &mut Invalid) {
        config::check(self, config, wrong);
    }

    /// What a pool of it may be told; `None` when it has no pool.
    pub(crate) fn pool_form(&self) -> Option<&'static Form> {
        match self {
            Self::Sqlite | Self::Memory => None,
            Self::Mongodb => Some(&SMALL_POOL),
            Self::Postgres | Self::Scylladb | Self::Supabase | Self::Other(_) => Some(&POOL),
        }
    }

    pub fn has_pool(&self) -> bool {
        self.pool_form().is_some()
    }
}

impl fmt::Display for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
