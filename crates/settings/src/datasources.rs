//! Clients that are made at run time: where they may lead, and where their secrets are sealed.

use crate::{Environment, Mistake, Secret, fields::Fields};
use std::path::{Path, PathBuf};

/// Where clients of the run time may lead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Datasources {
    /// Hosts, and domains with every host below them; any host when empty.
    pub allowed_hosts: Vec<String>,
    /// Folders with every SQLite file below them; any file when empty.
    pub allowed_folders: Vec<PathBuf>,
}

/// Where the key is that seals secrets.
pub struct Secrets {
    /// Of the environment; wins over the file.
    pub key: Option<Secret>,
    /// Keys of before, which only open.
    pub previous: Option<Secret>,
    /// Made when it is not there, unless this is production.
    pub key_file: PathBuf,
}

#[derive(Default)]
pub(crate) struct RawDatasources {
    allowed_hosts: Option<Vec<String>>,
    allowed_folders: Option<Vec<String>>,
}

impl RawDatasources {
    pub(crate) fn read(mut fields: Fields<'_, '_>) -> Self {
        let raw = Self {
            allowed_hosts: fields.texts("allowed_hosts"),
            allowed_folders: fields.texts("allowed_folders"),
        };
        fields.finish();
        raw
    }

    pub(crate) fn resolve(self, folder: &Path) -> Datasources {
        let folders = self.allowed_folders.unwrap_or_default().into_iter();
        Datasources {
            allowed_hosts: self.allowed_hosts.unwrap_or_default(),
            allowed_folders: folders.map(|path| folder.join(path)).collect(),
        }
    }
}

#[derive(Default)]
pub(crate) struct RawSecrets {
    key_file: Option<PathBuf>,
}

impl RawSecrets {
    pub(crate) fn read(mut fields: Fields<'_, '_>) -> Self {
        let raw = Self { key_file: fields.path("key_file") };
        fields.finish();
        raw
    }

    pub(crate) fn resolve(
        self,
        folder: &Path,
        data_dir: &Path,
        environment: &Environment,
    ) -> Secrets {
        let own = || data_dir.join("secret.key");
        Secrets {
            key: environment.get("ATHENA_SECRET_KEY").map(Secret::new),
            previous: environment.get("ATHENA_SECRET_KEY_PREVIOUS").map(Secret::new),
            key_file: self.key_file.map_or_else(own, |path| folder.join(path)),
        }
    }
}

/// `production`, or anything else: what is made by itself elsewhere must be given there.
pub(crate) fn is_production(
    raw: Option<&str>,
    environment: &Environment,
    mistakes: &mut Vec<Mistake>,
) -> bool {
    let said = environment.get("ATHENA_ENV").or(raw).unwrap_or("development");
    match said.trim().to_ascii_lowercase().as_str() {
        "production" | "prod" => true,
        "development" | "dev" | "test" | "staging" => false,
        _ => {
            let text = "environment (ATHENA_ENV) must be development, test, staging or production";
            mistakes.push(Mistake::new(text));
            false
        }
    }
}

/// The variable that holds the whole connection string, if one does: `${NAME}`.
pub(crate) fn variable_of(uri: &str) -> Option<String> {
    let name = uri.trim().strip_prefix("${")?.strip_suffix('}')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then(|| name.to_owned())
}
