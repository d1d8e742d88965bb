//! Where a database is and how many connections it is worth.

pub use sqlx::postgres::PgSslMode;

use crate::relay::{Relay, Way};
use backend::{AddressGuard, Sibling};
use sqlx::{ConnectOptions, postgres::PgConnectOptions};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::Path,
    str::FromStr,
    sync::Arc,
    time::Duration,
};

/// A parsed connection string and its limits. Holds a password, so it cannot be printed.
#[derive(Clone)]
pub struct PostgresSettings {
    pub(crate) options: PgConnectOptions,
    /// The way to a server that is checked by its name; needed for as long as anybody connects.
    pub(crate) relay: Option<Arc<Relay>>,
    /// Where that leads, for people.
    behind: Option<String>,
    /// Most connections kept for statements that only read.
    pub read_connections: u32,
    /// Most connections kept for statements that write.
    pub write_connections: u32,
    /// How long opening one connection may take.
    pub connect_timeout: Duration,
    /// A connection unused for this long is closed.
    pub idle_timeout: Duration,
    /// A connection older than this is closed when it comes back.
    pub max_lifetime: Duration,
    /// The database's own limit, below every deadline that goes wrong.
    pub statement_timeout: Duration,
    /// The largest answer that is put together in memory.
    pub max_result_bytes: usize,
    /// How long a stream waits for its reader to take the next piece.
    pub reader_patience: Duration,
}

/// As whom to connect, and to which database. Holds a password, so it cannot be printed.
#[derive(Clone, Copy)]
pub struct Login<'a> {
    pub user: &'a str,
    pub password: &'a str,
    pub database: &'a str,
}

/// How a server at a checked address shows that it is the right one.
#[derive(Debug, Clone, Copy)]
pub struct ServerTls<'a> {
    pub mode: PgSslMode,
    /// What its certificate must be for, if the mode asks; the address when `None`.
    pub name: Option<&'a str>,
    /// Whose certificates are believed, beside the public authorities'.
    pub root_certificate: Option<&'a Path>,
}

/// A connection string that cannot be used. Never quotes it: it holds a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    #[error("a PostgreSQL connection string begins with postgres:// or postgresql://")]
    Scheme,
    #[error("the connection string is not a valid URI")]
    Malformed,
    #[error("the connection string has an unknown parameter {0:?}")]
    UnknownParameter(String),
}

/// What the driver understands after the `?`; it would ignore anything else in silence.
const PARAMETERS: [&str; 14] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "host",
    "hostaddr",
    "port",
    "application_name",
    "options",
];

/// Connections through one relay, when the pools open fewer; cancelling takes some as well.
const WAYS: usize = 64;

/// Prepared statements kept on each connection.
const STATEMENT_CACHE: usize = 256;

impl PostgresSettings {
    pub fn parse(uri: &str) -> Result<Self, UriError> {
        let rest = uri.strip_prefix("postgres://").or_else(|| uri.strip_prefix("postgresql://"));
        let rest = rest.ok_or(UriError::Scheme)?;
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        check_parameters(query)?;
        let mut options = PgConnectOptions::from_str(uri).map_err(|_| UriError::Malformed)?;
        // Otherwise the driver would offer a password of the gateway's own environment to any host.
        if !has_password(address) && !has_parameter(query, "password") {
            options = options.password("");
        }
        Ok(Self::with(options))
    }

    /// To an address that somebody else looked up and checked. The password is this one,
    /// never one of the gateway's own environment. Must be called within a tokio runtime.
    pub fn at_address(
        login: Login<'_>,
        address: SocketAddr,
        tls: ServerTls<'_>,
    ) -> io::Result<Self> {
        let mut options = PgConnectOptions::new_without_pgpass()
            .host(&address.ip().to_string())
            .port(address.port())
            .username(login.user)
            .password(login.password)
            .database(login.database)
            .ssl_mode(tls.mode);
        if let Some(path) = tls.root_certificate {
            options = options.ssl_root_cert(path);
        }
        let Some(name) = tls.name.filter(|_| matches!(tls.mode, PgSslMode::VerifyFull)) else {
            return Ok(Self::with(options));
        };
        // Given the name, the driver would look it up again, and might be sent elsewhere.
        let relay = Relay::start(Way::Address(address), WAYS)?;
        let options = options.host(name).socket(relay.folder());
        let behind = Some(address.ip().to_string());
        Ok(Self { relay: Some(Arc::new(relay)), behind, ..Self::with(options) })
    }

    /// Ask before each connection where the host's name leads, and go nowhere else. Nothing changes
    /// for a socket, an address, or this machine itself, which mean the same each time. Must be
    /// called within a tokio runtime, when the limits are set.
    pub fn guarded(mut self, guard: Arc<dyn AddressGuard>) -> io::Result<Self> {
        if self.options.get_socket().is_some() || is_fixed(self.options.get_host()) {
            return Ok(self);
        }
        let (host, port) = (self.options.get_host().to_owned(), self.options.get_port());
        let pools = usize::try_from(self.read_connections + self.write_connections);
        let most = pools.unwrap_or(usize::MAX).saturating_mul(2).max(WAYS);
        let relay = Relay::start(Way::Guarded { host: host.clone(), port, guard }, most)?;
        self.options = self.options.socket(relay.folder());
        self.relay = Some(Arc::new(relay));
        self.behind = Some(host);
        Ok(self)
    }

    fn with(options: PgConnectOptions) -> Self {
        Self {
            options: options.statement_cache_capacity(STATEMENT_CACHE).disable_statement_logging(),
            relay: None,
            behind: None,
            read_connections: 8,
            write_connections: 8,
            connect_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(90),
            max_lifetime: Duration::from_secs(30 * 60),
            statement_timeout: Duration::from_secs(60),
            max_result_bytes: 256 << 20,
            reader_patience: Duration::from_secs(5 * 60),
        }
    }

    /// With this password, wherever else one stood.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.options = self.options.password(password);
        self
    }

    /// Protected like this; with a certificate, only authorities that it names are believed.
    #[must_use]
    pub fn with_tls(mut self, mode: PgSslMode, authority: Option<&str>) -> Self {
        self.options = self.options.ssl_mode(mode);
        if let Some(pem) = authority {
            self.options = self.options.ssl_root_cert_from_pem(pem.as_bytes().to_vec());
        }
        self
    }

    /// Names without a schema are of this one. Nothing but a plain name is taken.
    #[must_use]
    pub fn with_schema(mut self, schema: &str) -> Option<Self> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if schema.is_empty() || !schema.chars().all(is_plain) {
            return None;
        }
        self.options = self.options.options([("search_path", format!("\"{schema}\""))]);
        Some(self)
    }

    /// The same server, another database and perhaps another user.
    #[must_use]
    pub(crate) fn for_sibling(&self, sibling: Sibling<'_>) -> Self {
        let mut options = self.options.clone().database(sibling.database.as_str());
        if let Some((user, password)) = sibling.login {
            options = options.username(user.as_str()).password(password);
        }
        Self { options, ..self.clone() }
    }

    /// `host:port/database`, for people; without user and password.
    pub fn address(&self) -> String {
        let host = match (&self.behind, self.options.get_socket()) {
            (Some(behind), _) => behind.clone(),
            (None, Some(socket)) => socket.display().to_string(),
            (None, None) => self.options.get_host().to_owned(),
        };
        let database = self.options.get_database().unwrap_or_default();
        format!("{host}:{port}/{database}", port = self.options.get_port())
    }
}

/// An address, a socket's folder, or a name that no name server is asked about.
fn is_fixed(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.starts_with('/') || host == "localhost" || bare.parse::<IpAddr>().is_ok()
}

fn check_parameters(query: &str) -> Result<(), UriError> {
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let key = pair.split('=').next().unwrap_or_default();
        let known = PARAMETERS.contains(&key)
            || matches!(key, "dbname" | "user" | "password")
            || (key.starts_with("options[") && key.ends_with(']'));
        if !known {
            return Err(UriError::UnknownParameter(key.chars().take(64).collect()));
        }
    }
    Ok(())
}

fn has_parameter(query: &str, wanted: &str) -> bool {
    query.split('&').any(|pair| pair.split('=').next() == Some(wanted))
}

fn has_password(address: &str) -> bool {
    let authority = address.split('/').next().unwrap_or_default();
    authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(uri: &str) -> UriError {
        PostgresSettings::parse(uri).err().unwrap()
    }

    #[test]
    fn the_address_shows_no_credentials() {
        let settings = PostgresSettings::parse("postgres://me:secret@db.test:5433/shop").unwrap();
        assert_eq!(settings.address(), "db.test:5433/shop");
    }

    #[test]
    fn a_parameter_the_driver_would_ignore_is_refused() {
        let unknown = UriError::UnknownParameter("sslmod".to_owned());
        assert_eq!(refusal("postgres://h/d?sslmod=require"), unknown);
        assert!(PostgresSettings::parse("postgres://h/d?sslmode=require&options[a]=b").is_ok());
    }

    #[test]
    fn no_error_quotes_the_connection_string() {
        for uri in ["mysql://u:hunter2@h/d", "postgres://u:hunter2@[::/d", "hunter2"] {
            assert!(!format!("{:?} {0}", refusal(uri)).contains("hunter2"), "{uri}");
        }
    }

    #[test]
    fn a_password_is_seen_where_it_stands() {
        assert!(has_password("u:p@h/d"));
        assert!(!has_password("u@h:5432/d"));
        assert!(!has_password("h:5432/d"));
        assert!(has_parameter("a=1&password=x", "password"));
    }
}
