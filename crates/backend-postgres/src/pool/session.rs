//! One connection, and what is known of the server process at its other end.

use super::{Prepared, Role};
use crate::settings::PostgresSettings;
use sqlx::{ConnectOptions, Connection, PgConnection, Row, postgres::PgConnectOptions};
use tokio::time::Instant;

pub(crate) struct Session {
    pub(crate) connection: PgConnection,
    /// What a cancel request names.
    pub(crate) process_id: i32,
    pub(crate) born: Instant,
    pub(crate) idle_since: Instant,
    pub(crate) prepared: Prepared,
    /// One that the driver does not know of.
    pub(crate) is_in_transaction: bool,
    /// Whether a transaction can be one message of several statements, with literals in it.
    pub(crate) takes_messages: bool,
}

/// Since then each statement of a message has a time limit of its own, and any character can stand
/// in a literal by its number.
const TAKES_MESSAGES: u32 = 130_000;

impl Session {
    pub(crate) async fn open(options: &PgConnectOptions) -> Result<Self, sqlx::Error> {
        let mut connection = PgConnection::connect_with(options).await?;
        let known = sqlx::query(
            "SELECT pg_catalog.pg_backend_pid(), pg_catalog.current_setting('server_encoding')",
        );
        let known = known.persistent(false).fetch_one(&mut connection).await?;
        let is_new = connection.server_version_num().is_some_and(|it| it >= TAKES_MESSAGES);
        // A database that knows no characters has none by number.
        let has_characters = known.try_get::<String, _>(1)? != "SQL_ASCII";
        let now = Instant::now();
        Ok(Self {
            process_id: known.try_get(0)?,
            born: now,
            idle_since: now,
            prepared: Prepared::default(),
            is_in_transaction: false,
            takes_messages: is_new && has_characters,
            connection,
        })
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
