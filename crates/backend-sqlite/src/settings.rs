//! Where a database's file is and how it may be opened.

use percent_encoding::percent_decode_str;
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// A parsed connection string and its limits.
#[derive(Clone)]
pub struct SqliteSettings {
    path: PathBuf,
    mode: Mode,
    /// Holds a database that ends with these settings.
    _fleeting: Option<std::sync::Arc<tempfile::TempDir>>,
    /// Most sessions that only read. Of those that write there is one, as SQLite has it.
    pub read_connections: u32,
    /// How long opening the file may take.
    pub connect_timeout: Duration,
    /// A session unused for this long is closed.
    pub idle_timeout: Duration,
    /// A session older than this is closed, so that a file put in the old one's place is seen.
    pub max_lifetime: Duration,
    /// How long a statement waits for another program's lock.
    pub busy_timeout: Duration,
    /// How long a stream waits for its reader.
    pub reader_patience: Duration,
    /// The largest answer that is put together in memory.
    pub max_result_bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Read,
    Write,
    Create,
}

/// A connection string that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    #[error("a SQLite connection string begins with sqlite: and names a file")]
    Scheme,
    #[error("a database in memory would be another one for each connection; name a file")]
    InMemory,
    #[error("the file's name is not valid text")]
    Malformed,
    #[error("mode is ro, rw or rwc, which also makes the file")]
    UnknownMode,
    #[error("the connection string has an unknown parameter {0:?}; there is only mode")]
    UnknownParameter(String),
}

/// Prepared statements kept on each session.
const STATEMENT_CACHE: usize = 256;
/// Rows that are read ahead of whoever writes them out.
const ROWS_AHEAD: usize = 64;

impl SqliteSettings {
    /// `sqlite:shop.db`, `sqlite:///data/shop.db?mode=ro`
    pub fn parse(uri: &str) -> Result<Self, UriError> {
        let rest = uri.strip_prefix("sqlite:").ok_or(UriError::Scheme)?;
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (name, query) = rest.split_once('?').unwrap_or((rest, ""));
        Ok(Self {
            path: file(name)?,
            mode: mode(query)?,
            _fleeting: None,
            read_connections: 8,
            connect_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(90),
            max_lifetime: Duration::from_secs(30 * 60),
            busy_timeout: Duration::from_secs(5),
            reader_patience: Duration::from_secs(60),
            max_result_bytes: 256 << 20,
        })
    }

    /// A file that is made when it is not there.
    pub fn at(path: PathBuf) -> Result<Self, UriError> {
        let name = path.to_str().ok_or(UriError::Malformed)?;
        file(&name.replace('%', "%25"))?;
        Ok(Self { path, mode: Mode::Create, ..Self::parse("sqlite:none")? })
    }

    /// A database of nobody else's, gone with the last who holds these settings. SQLite's own memory
    /// would be another database for each session, so it is a file in the machine's memory where
    /// there is such a folder.
    pub fn fleeting() -> std::io::Result<Self> {
        let shared = Path::new("/dev/shm");
        let maker = tempfile::Builder::new().prefix("athena-memory-").to_owned();
        let folder = match shared.is_dir() {
            true => maker.tempdir_in(shared).or_else(|_not_ours| maker.tempdir())?,
            false => maker.tempdir()?,
        };
        let path = folder.path().join("memory.db");
        let settings = Self::at(path).map_err(std::io::Error::other)?;
        Ok(Self { _fleeting: Some(std::sync::Arc::new(folder)), ..settings })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file may be written; `mode=ro` says no.
    pub fn may_write(&self) -> bool {
        self.mode != Mode::Read
    }

    /// What every session is told when it begins.
    pub(crate) fn options(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(&self.path)
            .create_if_missing(self.mode == Mode::Create)
            .foreign_keys(true)
            .busy_timeout(self.busy_timeout)
            .statement_cache_capacity(STATEMENT_CACHE)
            .row_buffer_size(ROWS_AHEAD)
            // A file may come from anywhere: its views and triggers call nothing with effects.
            .pragma("trusted_schema", "OFF")
            .pragma("cell_size_check", "ON")
            .disable_statement_logging()
    }

    /// The same for sessions that cannot write: the file is opened so, and told so.
    pub(crate) fn read_options(&self) -> SqliteConnectOptions {
        let options = self.options().create_if_missing(false).read_only(true);
        options.pragma("query_only", "ON")
    }
}

fn file(name: &str) -> Result<PathBuf, UriError> {
    let name = percent_decode_str(name).decode_utf8().map_err(|_| UriError::Malformed)?;
    if name.contains('\0') {
        return Err(UriError::Malformed);
    }
    match name.as_ref() {
        "" | "/" => Err(UriError::Scheme),
        ":memory:" | "/:memory:" => Err(UriError::InMemory),
        // SQLite would read it as a URI with options of its own.
        name if name.starts_with("file:") => Err(UriError::Scheme),
        name => Ok(PathBuf::from(name)),
    }
}

fn mode(query: &str) -> Result<Mode, UriError> {
    let mut mode = Mode::Write;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        mode = match pair.split_once('=') {
            Some(("mode", "ro")) => Mode::Read,
            Some(("mode", "rw")) => Mode::Write,
            Some(("mode", "rwc")) => Mode::Create,
            Some(("mode", "memory")) => return Err(UriError::InMemory),
            Some(("mode", _)) => return Err(UriError::UnknownMode),
            _ => {
                let name = pair.split('=').next().unwrap_or_default();
                return Err(UriError::UnknownParameter(name.chars().take(64).collect()));
            }
        };
    }
    Ok(mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_in_every_usual_spelling() {
        for (uri, path) in [
            ("sqlite:shop.db", "shop.db"),
            ("sqlite://shop.db", "shop.db"),
            ("sqlite:///data/shop.db?mode=ro", "/data/shop.db"),
            ("sqlite:/data/a%20b%3F.db?mode=rwc", "/data/a b?.db"),
        ] {
            assert_eq!(SqliteSettings::parse(uri).unwrap().path(), Path::new(path));
        }
        assert!(!SqliteSettings::parse("sqlite:x?mode=ro").unwrap().may_write());
        assert!(SqliteSettings::parse("sqlite:x").unwrap().may_write());
    }

    #[test]
    fn what_would_be_another_database_is_refused() {
        let unknown = |name: &str| UriError::UnknownParameter(name.to_owned());
        for (uri, expected) in [
            ("postgres://h/d", UriError::Scheme),
            ("sqlite:", UriError::Scheme),
            ("sqlite://", UriError::Scheme),
            ("sqlite:file:x?mode=ro", UriError::Scheme),
            ("sqlite::memory:", UriError::InMemory),
            ("sqlite://:memory:", UriError::InMemory),
            ("sqlite:x?mode=memory", UriError::InMemory),
            ("sqlite:x?mode=wr", UriError::UnknownMode),
            ("sqlite:x?cache=shared", unknown("cache")),
            ("sqlite:x?mode=ro&vfs=unix-none", unknown("vfs")),
            ("sqlite:a%00b", UriError::Malformed),
            ("sqlite:a%FFb", UriError::Malformed),
        ] {
            assert_eq!(SqliteSettings::parse(uri).err(), Some(expected), "{uri}");
        }
    }
}
