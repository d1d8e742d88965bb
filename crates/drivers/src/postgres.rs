//! PostgreSQL from a record.

use crate::unusable;
use backend::Backend;
use backend_postgres::{PgSslMode, Postgres, PostgresSettings};
use datasources::{Address, ClientRecord, Ssl};
use gateway::registry::{FactoryError, Spec};
use secrets::Cleartext;
use std::{sync::Arc, time::Duration};

/// What the database's own limit is above ours, so that ours is the one that speaks.
const ABOVE: Duration = Duration::from_secs(15);

const MAX: u32 = 10;
/// A database of somebody else's gets fewer connections.
const MAX_EXTERNAL: u32 = 5;
const IDLE: Duration = Duration::from_secs(30);
const CONNECTING: Duration = Duration::from_secs(3);

pub(crate) struct Place {
    pub(crate) address: Address,
    pub(crate) password: Option<Cleartext>,
    pub(crate) schema: Option<String>,
    pub(crate) wants_tls: bool,
}

pub(crate) fn create(spec: &Spec<'_>, place: Place) -> Result<Arc<dyn Backend>, FactoryError> {
    let settings = settings(spec, place)?.guarded(Arc::clone(&spec.guard));
    let settings = settings.map_err(|error| unusable(error.to_string()))?;
    Ok(Arc::new(Postgres::connect(&settings)))
}

pub(crate) fn settings(spec: &Spec<'_>, place: Place) -> Result<PostgresSettings, FactoryError> {
    let settings = PostgresSettings::parse(&place.address.url());
    let mut settings = settings.map_err(|error| unusable(error.to_string()))?;
    // The kept secret counts before one that stood in the connection string.
    if let Some(password) = spec.secret.or(place.password.as_ref()) {
        settings = settings.with_password(password.expose());
    }
    if let Some((mode, authority)) = tls(spec.record.ssl.as_ref(), place.wants_tls) {
        settings = settings.with_tls(mode, authority);
    }
    if let Some(schema) = place.schema.filter(|schema| schema != "public") {
        settings = settings
            .with_schema(&schema)
            .ok_or_else(|| unusable("config.schema is no plain name"))?;
    }
    settings.statement_timeout = spec.statement_timeout + ABOVE;
    limit(&mut settings, spec.record);
    Ok(settings)
}

fn limit(settings: &mut PostgresSettings, record: &ClientRecord) {
    let pool = record.pool.clone().unwrap_or_default();
    let max = pool.max.unwrap_or(if record.is_managed() { MAX } else { MAX_EXTERNAL });
    // Reads and writes have sessions of their own; together they are no more than was said.
    settings.write_connections = (max / 2).max(1);
    settings.read_connections = max.saturating_sub(settings.write_connections).max(1);
    settings.idle_timeout = pool.idle_timeout_millis.map_or(IDLE, Duration::from_millis);
    settings.connect_timeout =
        pool.connection_timeout_millis.map_or(CONNECTING, Duration::from_millis);
}

fn tls(ssl: Option<&Ssl>, wants_tls: bool) -> Option<(PgSslMode, Option<&str>)> {
    match ssl {
        Some(Ssl { enabled: false, .. }) => Some((PgSslMode::Disable, None)),
        Some(Ssl { reject_unauthorized: true, ca, .. }) => {
            Some((PgSslMode::VerifyFull, ca.as_deref()))
        }
        Some(Ssl { ca, .. }) => Some((PgSslMode::Require, ca.as_deref())),
        None => wants_tls.then_some((PgSslMode::VerifyFull, None)),
    }
}
