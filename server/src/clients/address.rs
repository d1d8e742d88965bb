//! A client's connection string, and the kind of database it leads to.

use ::datasources::Driver;
use backend::Backend;
use backend_postgres::{Postgres, PostgresSettings};
use backend_sqlite::{Sqlite, SqliteSettings};
use gateway::tuning::PoolTuning;
use settings::Pool;
use std::{sync::Arc, time::Duration};

/// What the database's own limit is above ours, so that ours is the one that speaks.
const ABOVE: Duration = Duration::from_secs(15);

#[derive(Debug, thiserror::Error)]
pub enum UriError {
    #[error(transparent)]
    Postgres(#[from] backend_postgres::UriError),
    #[error(transparent)]
    Sqlite(#[from] backend_sqlite::UriError),
}

/// Where a client's database is. Holds passwords, so it cannot be printed.
#[derive(Clone)]
pub enum Address {
    Postgres(Box<PostgresSettings>),
    Sqlite(SqliteSettings),
}

impl Address {
    /// `sqlite:…` names a file, anything else is PostgreSQL's to understand.
    pub fn parse(uri: &str, pool: &Pool, timeout: Duration) -> Result<Self, UriError> {
        if uri.starts_with("sqlite:") {
            let mut backend = SqliteSettings::parse(uri)?;
            backend.read_connections = pool.read_connections;
            backend.connect_timeout = pool.connect_timeout;
            backend.idle_timeout = pool.idle_timeout;
            backend.max_lifetime = pool.max_lifetime;
            return Ok(Self::Sqlite(backend));
        }
        let mut backend = PostgresSettings::parse(uri)?;
        backend.read_connections = pool.read_connections;
        backend.write_connections = pool.write_connections;
        backend.connect_timeout = pool.connect_timeout;
        backend.idle_timeout = pool.idle_timeout;
        backend.max_lifetime = pool.max_lifetime;
        backend.statement_timeout = timeout + ABOVE;
        Ok(Self::Postgres(Box::new(backend)))
    }

    pub fn driver(&self) -> Driver {
        match self {
            Self::Postgres(_) => Driver::Postgres,
            Self::Sqlite(_) => Driver::Sqlite,
        }
    }

    /// The same with the pool that the client's own configuration asks for.
    pub fn tuned(&self, pool: &PoolTuning) -> Self {
        let mut tuned = self.clone();
        let or = |asked: Option<Duration>, own: &mut Duration| *own = asked.unwrap_or(*own);
        match &mut tuned {
            Self::Postgres(own) => {
                let (read, write) = (pool.read_connections, pool.write_connections);
                own.read_connections = read.or(pool.connections).unwrap_or(own.read_connections);
                own.write_connections = write.or(pool.connections).unwrap_or(own.write_connections);
                or(pool.acquire_timeout, &mut own.connect_timeout);
                or(pool.idle_timeout, &mut own.idle_timeout);
                or(pool.max_lifetime, &mut own.max_lifetime);
            }
            // A file has one writer.
            Self::Sqlite(own) => {
                let read = pool.read_connections.or(pool.connections);
                own.read_connections = read.unwrap_or(own.read_connections);
                or(pool.acquire_timeout, &mut own.connect_timeout);
                or(pool.idle_timeout, &mut own.idle_timeout);
                or(pool.max_lifetime, &mut own.max_lifetime);
            }
        }
        tuned
    }

    /// Does no I/O.
    pub fn connect(&self) -> Arc<dyn Backend> {
        match self {
            Self::Postgres(settings) => Arc::new(Postgres::connect(settings)),
            Self::Sqlite(settings) => Arc::new(Sqlite::connect(settings)),
        }
    }
}
