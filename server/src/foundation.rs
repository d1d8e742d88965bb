//! What Athena stands on when nothing is configured: a PostgreSQL of its own with its databases.

use crate::demo;
use embedded::{Cluster, ClusterSettings, EmbeddedError, Report, Runtime};
use sqlx::{Connection, Executor, PgConnection};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// The control store's database.
pub const STORE: &str = "athena_logging";

const DATABASES: [(&str, &str); 2] =
    [(STORE, "create database athena_logging"), (demo::NAME, "create database demo")];

#[derive(Debug, thiserror::Error)]
pub enum FoundationError {
    #[error(transparent)]
    Cluster(#[from] EmbeddedError),
    #[error("the database {name} could not be made")]
    Database {
        name: &'static str,
        #[source]
        source: sqlx::Error,
    },
    #[error("the demo company could not be made")]
    Demo(#[source] sqlx::Error),
}

/// How long a command waits for a server that is still starting.
const PATIENCE: Duration = Duration::from_secs(30);

/// The private PostgreSQL with the databases in it, perhaps owned by another process of ours.
pub enum Foundation {
    Owned(Cluster),
    /// Another `athena` runs it, and keeps it running.
    Shared(Runtime),
}

impl Foundation {
    /// Start PostgreSQL and make sure its databases exist.
    pub async fn lay(settings: ClusterSettings, report: Report) -> Result<Self, FoundationError> {
        let foundation = Self::Owned(Cluster::start_reporting(settings, report).await?);
        foundation.ensure_databases().await?;
        Ok(foundation)
    }

    /// For commands beside a running server: use its PostgreSQL, or start it for a moment.
    pub async fn join(settings: ClusterSettings, report: Report) -> Result<Self, FoundationError> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(running) = running(&settings.data_dir).await {
                return Ok(Self::Shared(running));
            }
            match Self::lay(settings.clone(), Arc::clone(&report)).await {
                // The other one has the folder already and its PostgreSQL not yet.
                Err(FoundationError::Cluster(EmbeddedError::InUse { .. }))
                    if Instant::now() < deadline =>
                {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                other => return other,
            }
        }
    }

    pub fn uri(&self, database: &str) -> String {
        match self {
            Self::Owned(cluster) => cluster.uri(database),
            Self::Shared(runtime) => runtime.uri(database),
        }
    }

    /// Make the demo company if this is the first start.
    pub async fn ensure_demo(&self, invoices: u32) -> Result<demo::Demo, FoundationError> {
        demo::ensure(&self.uri(demo::NAME), invoices).await.map_err(FoundationError::Demo)
    }

    /// Stop PostgreSQL if it is ours.
    pub async fn leave(self) {
        match self {
            Self::Owned(cluster) => cluster.stop().await,
            Self::Shared(_) => {}
        }
    }

    async fn ensure_databases(&self) -> Result<(), FoundationError> {
        for (name, create) in DATABASES {
            ensure_database(&self.uri("postgres"), name, create)
                .await
                .map_err(|source| FoundationError::Database { name, source })?;
        }
        Ok(())
    }
}

/// A PostgreSQL that answers, not only one that a file speaks of.
async fn running(data_dir: &Path) -> Option<Runtime> {
    let runtime = Runtime::read(data_dir)?;
    let connection = PgConnection::connect(&runtime.uri(STORE)).await.ok()?;
    connection.close().await.ok()?;
    Some(runtime)
}

async fn ensure_database(uri: &str, name: &str, create: &'static str) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect(uri).await?;
    let known = sqlx::query("select 1 from pg_database where datname = $1")
        .bind(name)
        .fetch_optional(&mut connection)
        .await?;
    if known.is_none() {
        connection.execute(create).await?;
    }
    connection.close().await
}
