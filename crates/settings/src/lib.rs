//! `config.yaml` and the environment, raw then resolved. The flags of the command line win over both.
//!
//! A value is looked for in the flags, then in the environment, then in the file, then among the
//! defaults. Whatever is not understood is refused with its line; nothing is left out in silence.

mod admission;
mod cache;
mod datasources;
mod deferred;
mod environment;
mod error;
mod expand;
mod external;
mod fields;
mod insert_window;
mod keys;
mod logging;
mod management;
mod network;
mod node;
mod patience;
mod raw;
mod resolve;
mod rest;
mod secret;
mod settings;
mod shown;
mod unused;

pub use admission::{Admission, AdmissionStore};
pub use cache::Cache;
pub use datasources::{Datasources, Secrets};
pub use deferred::Deferred;
pub use environment::Environment;
pub use error::{Mistake, SettingsError};
pub use external::{External, OnMismatch};
pub use insert_window::InsertWindow;
pub use keys::{KeyLog, Keys};
pub use logging::Logging;
pub use management::Management;
pub use network::Network;
pub use patience::Patience;
pub use resolve::Overrides;
pub use rest::{OpenApiMode, Rest, TxEnd};
pub use secret::Secret;
pub use settings::{
    Client, Cors, Embedded, Gateway, Jdbc, Log, LogFormat, Names, Pool, ResponseCase, Server,
    Settings, Source, Store,
};

use std::path::Path;

/// The file at the top of the repository: the defaults, and what each of them means.
pub const TEMPLATE: &str = include_str!("../../../config.yaml");

/// The file that is read when none is named.
const FILE: &str = "config.yaml";

/// Files larger than this are not written by hand.
const MAX_BYTES: u64 = 1024 * 1024;

impl Settings {
    /// The settings as they apply here.
    pub fn load(overrides: &Overrides, environment: &Environment) -> Result<Self, SettingsError> {
        let (source, text) = find(overrides, environment)?;
        let raw = raw::Raw::parse(&text).map_err(|mistakes| source.refuse(mistakes))?;
        resolve::resolve(raw, source.clone(), overrides, environment)
            .map_err(|mistakes| source.refuse(mistakes))
    }
}

/// The file that was named, else `config.yaml` in the working folder, else the built-in one.
fn find(
    overrides: &Overrides,
    environment: &Environment,
) -> Result<(Source, String), SettingsError> {
    let named = overrides.config.clone();
    let named = named.or_else(|| environment.path("ATHENA_CONFIG_PATH"));
    let path = match named {
        Some(path) => path,
        None if Path::new(FILE).is_file() => FILE.into(),
        None => return Ok((Source::BuiltIn, TEMPLATE.to_owned())),
    };
    let text = read(&path)?;
    Ok((Source::File(path), text))
}

fn read(path: &Path) -> Result<String, SettingsError> {
    let unreadable = |source| SettingsError::Unreadable { path: path.to_owned(), source };
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    if bytes > MAX_BYTES {
        return Err(SettingsError::TooLarge { path: path.to_owned(), bytes, limit: MAX_BYTES });
    }
    std::fs::read_to_string(path).map_err(unreadable)
}
