//! `runtime.json`: how other commands of the same user reach a running Athena's database.

use crate::EmbeddedError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

const FILE: &str = "runtime.json";

const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// A running Athena and its PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runtime {
    /// The Athena process.
    pub pid: u32,
    pub postgres_pid: u32,
    pub socket_folder: PathBuf,
}

impl Runtime {
    /// What runs on this data folder, if anything does.
    pub fn read(data_folder: &Path) -> Option<Self> {
        let text = fs::read(data_folder.join(FILE)).ok()?;
        let runtime: Self = serde_json::from_slice(&text).ok()?;
        crate::signal::is_alive(runtime.pid).then_some(runtime)
    }

    pub(crate) fn write(&self, data_folder: &Path) -> Result<(), EmbeddedError> {
        let (path, half) = (data_folder.join(FILE), data_folder.join("runtime.json.new"));
        let write = || -> std::io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file =
                options.write(true).create(true).truncate(true).mode(0o600).open(&half)?;
            file.write_all(&serde_json::to_vec_pretty(self)?)?;
            fs::rename(&half, &path)
        };
        write().map_err(|source| EmbeddedError::folder(&path, source))
    }

    pub(crate) fn remove(data_folder: &Path) {
        // A file that stays is harmless: readers check whether its process lives.
        let _ = fs::remove_file(data_folder.join(FILE));
    }

    /// Where a database of this PostgreSQL is reached. It holds no password: the socket's folder
    /// is open to its owner alone.
    pub fn uri(&self, database: &str) -> String {
        uri(&self.socket_folder, database)
    }
}

pub(crate) fn uri(socket_folder: &Path, database: &str) -> String {
    let database = utf8_percent_encode(database, KEPT);
    let folder = socket_folder.to_string_lossy();
    let host = utf8_percent_encode(&folder, KEPT);
    format!("postgresql://{}@localhost:5432/{database}?host={host}", crate::USER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_spaces_stays_one_folder_in_the_uri() {
        assert_eq!(
            uri(Path::new("/tmp/my data/run"), "demo"),
            "postgresql://athena@localhost:5432/demo?host=%2Ftmp%2Fmy%20data%2Frun"
        );
    }

    #[test]
    fn a_file_left_by_a_dead_process_is_not_believed() {
        let temp = tempfile::tempdir().unwrap();
        let dead = Runtime { pid: 0, postgres_pid: 1, socket_folder: "/tmp".into() };
        dead.write(temp.path()).unwrap();
        assert_eq!(Runtime::read(temp.path()), None);
        let alive = Runtime { pid: std::process::id(), ..dead };
        alive.write(temp.path()).unwrap();
        assert_eq!(Runtime::read(temp.path()), Some(alive));
    }
}
