//! What can go wrong while a private PostgreSQL is found, made or run, in sentences a person can act on.

use std::{io, path::PathBuf};

/// Why there is no private PostgreSQL. Every text says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error(
        "the data folder {folder} is in use by another Athena (process {}). \
         Stop that one first, or give this one its own folder with ATHENA_DATA_DIR",
        pid.map_or_else(|| "unknown".to_owned(), |pid| pid.to_string())
    )]
    InUse { folder: PathBuf, pid: Option<u32> },

    #[error(
        "the disk is full: PostgreSQL could not write to {folder}. \
         Free some space there, or choose another data folder with ATHENA_DATA_DIR"
    )]
    DiskFull { folder: PathBuf },

    #[error(
        "no PostgreSQL programs were found in {folder}, which the settings name. \
         The folder must hold `postgres` and `initdb`, and the user that PostgreSQL runs as must \
         be able to run them"
    )]
    NotInFolder { folder: PathBuf },

    #[error(
        "PostgreSQL is not installed and could not be downloaded. Install it (Debian and Ubuntu: \
         `apt-get install postgresql`; Fedora: `dnf install postgresql-server`; macOS: \
         `brew install postgresql@17`), or name its folder in the setting `embedded.bin_dir`"
    )]
    NoBinaries {
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    #[error(
        "the database in {folder} was made by PostgreSQL {have}, but only {} found here. \
         Install PostgreSQL {have}, or name its folder in the setting `embedded.bin_dir`",
        found.iter().map(|major| format!("PostgreSQL {major}")).collect::<Vec<_>>().join(" and ")
    )]
    OtherVersion { folder: PathBuf, have: u32, found: Vec<u32> },

    #[error("PostgreSQL {found} is too old; {least} or newer is needed")]
    TooOld { found: u32, least: u32 },

    #[error(
        "PostgreSQL refuses to run as root, and this machine has no unprivileged user for it \
         (`postgres` or `nobody`). Create one with `useradd --system postgres`"
    )]
    NoUnprivilegedUser,

    #[error("the folder {path} could not be prepared")]
    Folder {
        path: PathBuf,
        #[source]
        source: io::Error,
    },

    #[error("`{program}` could not be run")]
    Run {
        program: PathBuf,
        #[source]
        source: io::Error,
    },

    #[error("a new database could not be made in {folder}. PostgreSQL said: {said}")]
    Create { folder: PathBuf, said: String },

    #[error("PostgreSQL stopped while it was starting. It said: {said}")]
    Died { said: String },

    #[error("PostgreSQL did not become ready within {seconds} seconds. It last said: {said}")]
    TooSlow { seconds: u64, said: String },

    #[error(
        "a PostgreSQL left over from an earlier run (process {pid}) still uses {folder} and does \
         not stop. End that process, then start again"
    )]
    WontStop { pid: u32, folder: PathBuf },
}

impl EmbeddedError {
    /// An I/O failure about a folder; a full disk is named as such.
    pub(crate) fn folder(path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { folder: path }
            }
            _ => Self::Folder { path, source },
        }
    }

    /// Whether PostgreSQL's own words tell of a full disk.
    pub(crate) fn says_disk_full(said: &str) -> bool {
        said.contains("No space left on device") || said.contains("Disk quota exceeded")
    }
}
