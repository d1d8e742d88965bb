//! Databases that callers name in a header: what the settings allow, and how they are reached.

use backend::Backend;
use backend_postgres::{Login, PgSslMode, Postgres, PostgresSettings, ServerTls};
use gateway::registry::{AdHocError, AdHocRules, Connector, Target, Tls};
use settings::{Jdbc, Settings};
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

/// Few connections each: there may be many such databases.
const CONNECTIONS: u32 = 4;

/// What the database's own limit is above ours, so that ours is the one that speaks.
const ABOVE: Duration = Duration::from_secs(15);

pub fn rules(jdbc: &Jdbc) -> AdHocRules {
    AdHocRules {
        allowed_hosts: jdbc.allowed_hosts.clone(),
        allow_private_hosts: jdbc.allow_private_hosts,
    }
}

pub fn connector(settings: &Settings, jdbc: &Jdbc) -> Arc<dyn Connector> {
    Arc::new(ToPostgres {
        statement_timeout: settings.gateway.statement_timeout + ABOVE,
        root_certificate: jdbc.root_certificate.clone(),
    })
}

struct ToPostgres {
    statement_timeout: Duration,
    root_certificate: Option<PathBuf>,
}

impl Connector for ToPostgres {
    fn connect(
        &self,
        target: &Target,
        address: SocketAddr,
    ) -> Result<Arc<dyn Backend>, AdHocError> {
        let login =
            Login { user: target.user(), password: target.password(), database: target.database() };
        let mode = match target.tls() {
            Tls::Disable => PgSslMode::Disable,
            Tls::Prefer => PgSslMode::Prefer,
            Tls::Require => PgSslMode::Require,
            Tls::VerifyCa => PgSslMode::VerifyCa,
            Tls::VerifyFull => PgSslMode::VerifyFull,
        };
        let root_certificate = self.root_certificate.as_deref();
        let tls = ServerTls { mode, name: target.host_name(), root_certificate };
        let postgres = PostgresSettings::at_address(login, address, tls);
        let mut postgres = postgres.map_err(|error| {
            tracing::error!(%error, "there is no way to a database named in a header");
            AdHocError::Unreachable
        })?;
        postgres.read_connections = CONNECTIONS;
        postgres.write_connections = CONNECTIONS;
        postgres.statement_timeout = self.statement_timeout;
        Ok(Arc::new(Postgres::connect(&postgres)))
    }
}
