//! A client's record: where it comes from, what it leads to, and in which state it is.

use crate::{Driver, External, Invalid, OnMismatch, PoolSettings, Shown, Ssl};
use api_types::ClientName;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// Who owns the structure of the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SchemaMode {
    #[default]
    Managed,
    External,
    /// As external, and a mismatch never stops the server.
    ValidateOnly,
}

/// Where a client was defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    Config,
    Runtime,
}

/// What became of a client's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Its pool is live.
    Ok,
    /// Connecting was tried and failed.
    Error,
    /// The connect policy says no.
    Blocked,
    /// Never tried.
    Unvalidated,
    Frozen,
    Inactive,
    Deleted,
}

/// The handle of a secret: `sys_secret:<id>`. The only thing of it that a record has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialsRef(String);

impl CredentialsRef {
    const PREFIX: &'static str = "sys_secret:";

    pub fn of(secret_id: &str) -> Self {
        Self(format!("{}{secret_id}", Self::PREFIX))
    }

    /// `None` when it is a handle of another store.
    pub fn parse(text: &str) -> Option<Self> {
        text.starts_with(Self::PREFIX).then(|| Self(text.to_owned()))
    }

    pub fn secret_id(&self) -> &str {
        self.0.strip_prefix(Self::PREFIX).unwrap_or_default()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A client as it is kept. Holds no secret, only the handle of one; a row of old may still have a
/// password in its configuration, so it is printed as it is shown.
#[derive(Clone, PartialEq)]
pub struct ClientRecord {
    /// Of its row, when it has one.
    pub id: Option<String>,
    pub name: ClientName,
    /// For people; the name when absent.
    pub label: Option<String>,
    pub driver: Driver,
    pub schema_mode: SchemaMode,
    /// As the driver's own form has it.
    pub config: Map<String, Value>,
    pub pool: Option<PoolSettings>,
    pub ssl: Option<Ssl>,
    /// Present unless the client is managed.
    pub external: Option<External>,
    pub credentials_ref: Option<CredentialsRef>,
    /// The variable that holds the connection string, for clients that are defined so.
    pub uri_variable: Option<String>,
    pub active: bool,
    pub frozen: bool,
    pub deleted: bool,
    pub origin: Origin,
    /// The file and key of a client of the configuration.
    pub defined_in: Option<String>,
    /// Grows with each change; the ETag.
    pub version: i32,
    /// RFC 3339 in UTC.
    pub created_at: String,
    pub updated_at: String,
    pub created_by: Option<String>,
    pub updated_by: Option<String>,
}

impl ClientRecord {
    /// A record that only has what everyone has.
    pub fn new(name: ClientName, driver: Driver, origin: Origin) -> Self {
        Self {
            id: None,
            name,
            label: None,
            driver,
            schema_mode: SchemaMode::Managed,
            config: Map::new(),
            pool: None,
            ssl: None,
            external: None,
            credentials_ref: None,
            uri_variable: None,
            active: true,
            frozen: false,
            deleted: false,
            origin,
            defined_in: None,
            version: 1,
            created_at: String::new(),
            updated_at: String::new(),
            created_by: None,
            updated_by: None,
        }
    }

    /// A client whose connection string is in a variable of the server's environment.
    pub fn by_variable(name: ClientName, variable: &str) -> Result<Self, Invalid> {
        let mut record = Self::new(name, Driver::Postgres, Origin::Runtime);
        record.set_variable(variable)?;
        Ok(record)
    }

    /// Only the name of the variable is kept.
    pub fn set_variable(&mut self, variable: &str) -> Result<(), Invalid> {
        let mut bytes = variable.bytes();
        let is_name =
            bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
                && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && variable.len() <= 128;
        if !is_name {
            return Err(Invalid::at("pg_uri_env_var", "must be the name of a variable"));
        }
        self.config.clear();
        self.uri_variable = Some(variable.to_owned());
        Ok(())
    }

    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(self.name.as_str())
    }

    /// Whether the structure is ours to change: what the gate of DDL asks.
    pub fn is_managed(&self) -> bool {
        self.schema_mode == SchemaMode::Managed
    }

    /// What holds for an external client; `None` for a managed one.
    pub fn gates(&self) -> Option<External> {
        (!self.is_managed()).then(|| self.external.clone().unwrap_or_default())
    }

    /// What a mismatch leads to, after the mode had its say.
    pub fn on_mismatch(&self) -> Option<OnMismatch> {
        let wished = self.gates()?.validation.on_mismatch;
        Some(match self.schema_mode {
            SchemaMode::ValidateOnly => wished.min(OnMismatch::Warn),
            SchemaMode::Managed | SchemaMode::External => wished,
        })
    }
}

impl fmt::Debug for ClientRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientRecord")
            .field("name", &self.name)
            .field("driver", &self.driver)
            .field("schema_mode", &self.schema_mode)
            .field("config", &Shown::of(self).config)
            .field("origin", &self.origin)
            .field("active", &self.active)
            .field("frozen", &self.frozen)
            .field("deleted", &self.deleted)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl SchemaMode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Managed => "managed",
            Self::External => "external",
            Self::ValidateOnly => "validate-only",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Managed, Self::External, Self::ValidateOnly]
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }
}

impl Origin {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Runtime => "runtime",
        }
    }
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Blocked => "blocked",
            Self::Unvalidated => "unvalidated",
            Self::Frozen => "frozen",
            Self::Inactive => "inactive",
            Self::Deleted => "deleted",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
