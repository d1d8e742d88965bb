//! The clients of the configuration, ready to be put into the gateway's registry.

mod address;
pub(crate) mod rest;

pub use address::UriError;

use crate::{console::Sources, demo};
use address::Address;
use api_types::ClientName;
use datasources::{External, OnMismatch, SchemaMode, Validation};
use gateway::{ClientInfo, RestSetupError, admin::clients::Configured, tuning::PoolTuning};
use resources::{
    ConfigError, ResourcesConfig,
    snapshot::{Snapshot, SnapshotError},
};
use settings::{Client, Settings, Source};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The demo's snapshot, as `drizzle-meta/` has it.
const DEMO_SNAPSHOT: &str = include_str!("../../drizzle-meta/demo/meta/0000_snapshot.json");

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("clients.{name}")]
    Name {
        name: String,
        #[source]
        source: api_types::ClientNameError,
    },
    #[error("clients.{name}: the connection string cannot be used")]
    Uri {
        name: String,
        #[source]
        source: UriError,
    },
    #[error("clients.{name}.rest cannot be used")]
    Rest {
        name: String,
        #[source]
        source: RestSetupError,
    },
    #[error("clients.{name}: the snapshot cannot be used")]
    Snapshot {
        name: String,
        #[source]
        source: SnapshotError,
    },
    #[error("clients.{name}: the resources cannot be used")]
    Resources {
        name: String,
        #[source]
        source: ConfigError,
    },
}

/// A client whose files were read and whose address was understood. Nothing is connected yet.
pub struct Prepared {
    pub name: ClientName,
    pub sources: Sources,
    address: Address,
    info: ClientInfo,
    defined_in: String,
    uri_variable: Option<String>,
    external: Option<settings::External>,
}

impl Prepared {
    /// Read everything that can be wrong with a client before its database is asked.
    pub fn of(client: &Client, settings: &Settings) -> Result<Self, ClientError> {
        let shown = || client.name.clone();
        let name = ClientName::parse(&client.name)
            .map_err(|source| ClientError::Name { name: shown(), source })?;
        let timeout = client.statement_timeout.unwrap_or(settings.gateway.statement_timeout);
        let address = Address::parse(client.uri.expose(), &client.pool, timeout)
            .map_err(|source| ClientError::Uri { name: shown(), source })?;
        let rest = rest::settings(&client.rest)
            .map_err(|source| ClientError::Rest { name: shown(), source })?;
        let info = ClientInfo {
            environment: client.environment.clone(),
            statement_timeout: client.statement_timeout,
            fingerprint: Some(fingerprint(client.uri.expose())),
            snake_case: client.force_camel_case_to_snake_case,
            response_case: client.response_case.map(response_case),
            rest: Arc::new(rest),
            ..ClientInfo::default()
        };
        let defined_in = defined_in(&settings.source, &client.name);
        let uri_variable = client.uri_variable.clone();
        let (sources, external) = (sources(client)?, client.external.clone());
        Ok(Self { name, sources, address, info, defined_in, uri_variable, external })
    }

    /// The demo company, with the snapshot this program was built with.
    pub fn demo(uri: &str, settings: &Settings) -> Result<Self, ClientError> {
        let client = Client {
            name: demo::NAME.to_owned(),
            uri: settings::Secret::new(uri),
            uri_variable: None,
            snapshot: None,
            resources: None,
            environment: None,
            statement_timeout: None,
            force_camel_case_to_snake_case: None,
            response_case: None,
            external: None,
            rest: settings.rest.clone(),
            pool: settings.pool.clone(),
        };
        let mut prepared = Self::of(&client, settings)?;
        let (snapshot, _warnings) =
            Snapshot::parse(DEMO_SNAPSHOT, "0000_snapshot.json".as_ref())
                .map_err(|source| ClientError::Snapshot { name: client.name, source })?;
        prepared.sources = Sources { snapshot, config: None };
        Ok(prepared)
    }

    /// Put it into the registry, which begins to connect.
    #[cfg(test)]
    pub fn register(self, engine: &gateway::Gateway) -> (ClientName, Sources) {
        engine.registry().add(self.name.clone(), self.address.connect(), self.info);
        (self.name, self.sources)
    }

    /// For the gateway to keep, connected as often as it is thawed, and what people wrote about it.
    pub fn keep(self) -> (Configured, Sources) {
        let driver = self.address.driver();
        let (address, name) = (self.address, self.name);
        let make = move |pool: &PoolTuning| address.tuned(pool).connect();
        let client = Configured::new(name, driver, self.info, make);
        let client = client.defined(self.defined_in, self.uri_variable);
        let client = match self.external {
            Some(external) => belonging_to_others(client, external),
            None => client,
        };
        (client, self.sources)
    }
}

fn belonging_to_others(client: Configured, external: settings::External) -> Configured {
    let mode = match external.is_only_validated {
        true => SchemaMode::ValidateOnly,
        false => SchemaMode::External,
    };
    let validation = Validation {
        on_mismatch: match external.on_mismatch {
            settings::OnMismatch::Fail => OnMismatch::Fail,
            settings::OnMismatch::Warn => OnMismatch::Warn,
            settings::OnMismatch::Ignore => OnMismatch::Ignore,
        },
        check_on_boot: external.check_on_boot,
        check_interval_ms: external.check_interval_ms,
        require_reachable: external.require_reachable,
    };
    let external = External {
        allowed_schemas: external.allowed_schemas,
        allow_writes: external.allow_writes,
        validation,
        query_timeout_ms: external.query_timeout_ms,
    };
    client.external(mode, external)
}

pub(crate) fn response_case(case: settings::ResponseCase) -> query::request::ResponseCase {
    use query::request::ResponseCase;
    match case {
        settings::ResponseCase::AsIs => ResponseCase::AsIs,
        settings::ResponseCase::Snake => ResponseCase::Snake,
        settings::ResponseCase::Camel => ResponseCase::Camel,
    }
}

/// Two nodes with the same connection string share kept answers; the string itself goes nowhere.
fn fingerprint(uri: &str) -> String {
    hex::encode(Sha256::digest(uri))
}

/// The file and the key, for people who want to change it.
fn defined_in(source: &Source, name: &str) -> String {
    match source {
        Source::File(path) => {
            let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            format!("{file}: clients.{name}")
        }
        Source::BuiltIn => format!("clients.{name}"),
    }
}

fn sources(client: &Client) -> Result<Sources, ClientError> {
    let name = client.name.as_str();
    let mut sources = Sources::none();
    if let Some(path) = &client.snapshot {
        let (snapshot, warnings) = Snapshot::read(path)
            .map_err(|source| ClientError::Snapshot { name: name.to_owned(), source })?;
        for warning in warnings {
            tracing::warn!(client = name, "{warning}");
        }
        sources.snapshot = snapshot;
    }
    if let Some(path) = &client.resources {
        let config = ResourcesConfig::read(path)
            .map_err(|source| ClientError::Resources { name: name.to_owned(), source })?;
        sources.config = Some(config);
    }
    Ok(sources)
}
