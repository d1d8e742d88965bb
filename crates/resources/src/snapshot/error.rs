//! Why a snapshot cannot be read, and what was odd about one that could.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("{path} cannot be read: {source}", path = .path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path} holds no snapshot: expected NNNN_snapshot.json or snapshot.json in it", path = .path.display())]
    Empty { path: PathBuf },
    #[error("{path} is {bytes} bytes long; a snapshot has at most {limit}", path = .path.display())]
    TooLarge { path: PathBuf, bytes: u64, limit: u64 },
    #[error("{path} is not JSON at line {line}, column {column}: {source}", path = .path.display())]
    NotJson { path: PathBuf, line: usize, column: usize, source: serde_json::Error },
    #[error("{path} is not a snapshot: it holds {found} instead of an object", path = .path.display())]
    NotAnObject { path: PathBuf, found: &'static str },
    #[error("{path} is not a snapshot: it has no \"tables\"", path = .path.display())]
    NoTables { path: PathBuf },
    #[error("{path} has snapshot version {found:?}; versions 5, 6 and 7 are understood", path = .path.display())]
    Version { path: PathBuf, found: String },
    #[error("{path} is a snapshot of dialect {found:?}; only \"postgresql\" is understood", path = .path.display())]
    Dialect { path: PathBuf, found: String },
    #[error("{path}: {place} is not as a snapshot has it: {source}", path = .path.display())]
    Shape { path: PathBuf, place: String, source: serde_json::Error },
    #[error("{path} cannot be written: {source}", path = .path.display())]
    Unwritable { path: PathBuf, source: std::io::Error },
    #[error("{path} was not pulled, so it is not replaced; pull into another folder", path = .path.display())]
    Occupied { path: PathBuf },
}

/// Something a person should know about a snapshot that was read all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    #[error("{place} has the key {key:?}, which is not known and was left out")]
    UnknownKey { place: String, key: String },
    #[error("the snapshot has version {found}, which is older than 7, and was upgraded")]
    OldVersion { found: String },
    #[error("the snapshot is a reduced one: it knows types and nulls, but no keys")]
    Reduced,
    #[error("{} all follow the snapshot {prev_id:?}: two branches were merged", .files.join(" and "))]
    Collision { prev_id: String, files: Vec<String> },
    #[error("the journal lists {tag}, but its snapshot is not there")]
    MissingSnapshot { tag: String },
    #[error("{file} is not in the journal")]
    NotInJournal { file: String },
    #[error("the journal cannot be read and was left out: {reason}")]
    BadJournal { reason: String },
}
