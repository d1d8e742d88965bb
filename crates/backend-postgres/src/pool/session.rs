//! One connection, with the number its server process goes by.

use super::Role;
use crate::settings::PostgresSettings;
use sqlx::{ConnectOptions, Connection, PgConnection, Row, postgres::PgConnectOptions};
use tokio::time::Instant;

pub(crate) struct Session {
    pub(crate) connection: PgConnection,
    /// What a cancel request names.
    pub(crate) process_id: i32,
    pub(crate) born: Instant,
    pub(crate) idle_since: Instant,
}

impl Session {
    pub(crate) async fn open(options: &PgConnectOptions) -> Result<Self, sqlx::Error> {
        let mut connection = PgConnection::connect_with(options).await?;
        let process_id = sqlx::query("SELECT pg_backend_pid()")
            .persistent(false)
            .fetch_one(&mut connection)
            .await?
            .try_get(0)?;
        let now = Instant::now();
        Ok(Self { connection, process_id, born: now, idle_since: now })
    }
}

/// What every session is told when it begins. Each setting here is one that answers depend on.
pub(super) fn options(settings: &PostgresSettings, role: Role) -> PgConnectOptions {
    let read_only = match role {
        Role::Reads => "on",
        Role::Writes => "off",
    };
    let statement_timeout = settings.statement_timeout.as_millis().to_string();
    // What is logged of a request is logged once, by those who know whose it is.
    let options = settings.options.clone().disable_statement_logging();
    options.application_name("athena").extra_float_digits(1).options([
        ("default_transaction_read_only", read_only),
        ("statement_timeout", statement_timeout.as_str()),
        ("idle_in_transaction_session_timeout", statement_timeout.as_str()),
        ("IntervalStyle", "postgres"),
        ("bytea_output", "hex"),
        ("standard_conforming_strings", "on"),
    ])
}
