//! Databases that callers name in a header: what the settings allow, and how they are reached.

use backend::Backend;
use backend_postgres::{Login, PgSslMode, Postgres, PostgresSettings};
use gateway::registry::{AdHocError, AdHocRules, Connector, Target, Tls};
use settings::{Jdbc, Settings};
use std::{net::SocketAddr, sync::Arc, time::Duration};

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

pub fn connector(settings: &Settings) -> Arc<dyn Connector> {
    Arc::new(ToPostgres { statement_timeout: settings.gateway.statement_timeout + ABOVE })
}

struct ToPostgres {
    statement_timeout: Duration,
}

impl Connector for ToPostgres {
    fn connect(
        &self,
        target: &Target,
        address: SocketAddr,
    ) -> Result<Arc<dyn Backend>, AdHocError> {
        let login =
            Login { user: target.user(), password: target.password(), database: target.database() };
        let tls = match target.tls() {
            Tls::Disable => PgSslMode::Disable,
            Tls::Prefer => PgSslMode::Prefer,
            Tls::Require => PgSslMode::Require,
            Tls::VerifyCa => PgSslMode::VerifyCa,
        };
        let mut postgres = PostgresSettings::at_address(login, address, tls);
        postgres.read_connections = CONNECTIONS;
        postgres.write_connections = CONNECTIONS;
        postgres.statement_timeout = self.statement_timeout;
        Ok(Arc::new(Postgres::connect(&postgres)))
    }
}
