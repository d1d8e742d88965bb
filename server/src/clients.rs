//! The clients of the configuration, ready to be put into the gateway's registry.

use crate::{console::Sources, demo};
use api_types::ClientName;
use backend_postgres::{Postgres, PostgresSettings, UriError};
use gateway::{ClientInfo, Gateway};
use resources::{
    ConfigError, ResourcesConfig,
    snapshot::{Snapshot, SnapshotError},
};
use settings::{Client, Pool, Settings};
use std::{sync::Arc, time::Duration};

/// The demo's snapshot, as `drizzle-meta/` has it.
const DEMO_SNAPSHOT: &str = include_str!("../../drizzle-meta/demo/meta/0000_snapshot.json");

/// What the database's own limit is above ours, so that ours is the one that speaks.
const ABOVE: Duration = Duration::from_secs(15);

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
    backend: PostgresSettings,
    info: ClientInfo,
}

impl Prepared {
    /// Read everything that can be wrong with a client before its database is asked.
    pub fn of(client: &Client, settings: &Settings) -> Result<Self, ClientError> {
        let shown = || client.name.clone();
        let name = ClientName::parse(&client.name)
            .map_err(|source| ClientError::Name { name: shown(), source })?;
        let timeout = client.statement_timeout.unwrap_or(settings.gateway.statement_timeout);
        let backend = parse(client.uri.expose(), &client.pool, timeout)
            .map_err(|source| ClientError::Uri { name: shown(), source })?;
        let info = ClientInfo {
            environment: client.environment.clone(),
            statement_timeout: client.statement_timeout,
        };
        Ok(Self { name, sources: sources(client)?, backend, info })
    }

    /// The demo company, with the snapshot this program was built with.
    pub fn demo(uri: &str, settings: &Settings) -> Result<Self, ClientError> {
        let client = Client {
            name: demo::NAME.to_owned(),
            uri: settings::Secret::new(uri),
            snapshot: None,
            resources: None,
            environment: None,
            statement_timeout: None,
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
    pub fn register(self, engine: &Gateway) -> (ClientName, Sources) {
        let backend = Arc::new(Postgres::connect(&self.backend));
        engine.registry().add(self.name.clone(), backend, self.info);
        (self.name, self.sources)
    }
}

fn parse(uri: &str, pool: &Pool, timeout: Duration) -> Result<PostgresSettings, UriError> {
    let mut backend = PostgresSettings::parse(uri)?;
    backend.read_connections = pool.read_connections;
    backend.write_connections = pool.write_connections;
    backend.connect_timeout = pool.connect_timeout;
    backend.idle_timeout = pool.idle_timeout;
    backend.max_lifetime = pool.max_lifetime;
    backend.statement_timeout = timeout + ABOVE;
    Ok(backend)
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
