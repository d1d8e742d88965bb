//! `_journal.json`: the list of migrations beside the snapshots.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    pub version: String,
    pub dialect: String,
    pub entries: Vec<JournalEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    pub idx: u32,
    pub version: String,
    /// Milliseconds since 1970.
    pub when: u64,
    /// `NNNN_name`, the stem of the SQL file.
    pub tag: String,
    pub breakpoints: bool,
}

impl Journal {
    /// The journal of a folder that holds one pulled snapshot.
    pub fn of_one(tag: &str, when: u64) -> Self {
        Self {
            version: "7".into(),
            dialect: "postgresql".into(),
            entries: vec![JournalEntry {
                idx: 0,
                version: "7".into(),
                when,
                tag: tag.to_owned(),
                breakpoints: true,
            }],
        }
    }

    /// As drizzle-kit lays it out.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings and numbers are always JSON")
    }
}
