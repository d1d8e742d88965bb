//! The settings that apply: every value is there, checked, and of its own type.

use crate::{
    Admission, Cache, Datasources, Deferred, External, InsertWindow, Keys, Logging, Management,
    Network, Patience, Rest, Secret, Secrets,
};
use std::{path::PathBuf, time::Duration};

/// Everything the program is told from outside.
pub struct Settings {
    pub source: Source,
    pub server: Server,
    pub log: Log,
    /// Where Athena keeps its own data. It need not exist yet.
    pub data_dir: PathBuf,
    /// Opens the admin's routes and, as a password, the console.
    pub admin_key: Option<Secret>,
    pub store: Store,
    pub gateway: Gateway,
    pub cache: Cache,
    pub logging: Logging,
    pub admission: Admission,
    pub deferred: Deferred,
    pub keys: Keys,
    pub management: Management,
    /// For every client that does not say otherwise.
    pub rest: Rest,
    /// For every client that does not say otherwise.
    pub pool: Pool,
    pub embedded: Embedded,
    /// Whether what is made by itself elsewhere must be given.
    pub is_production: bool,
    pub secrets: Secrets,
    pub datasources: Datasources,
    /// Start although external databases are not what was imported of them.
    pub allow_schema_mismatch: bool,
    pub clients: Vec<Client>,
}

/// Which file the settings were read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    BuiltIn,
    File(PathBuf),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub host: String,
    pub port: u16,
    /// The longest any request may take.
    pub request_timeout: Duration,
    /// The largest body that is read, in bytes.
    pub body_limit: usize,
    pub cors: Cors,
    /// Who is believed about where requests come from.
    pub trusted_proxies: Vec<Network>,
    /// Whether requests are counted and `/metrics` shows it.
    pub metrics: bool,
}

/// Which web pages may call the gateway from a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cors {
    Closed,
    Any,
    Origins(Vec<String>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    pub format: LogFormat,
    /// As `tracing` has it: `info`, or `warn,gateway=debug`.
    pub level: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Pretty,
    Json,
}

/// The database for keys, people and sessions; Athena's own when there is no address.
pub struct Store {
    pub uri: Option<Secret>,
}

/// What holds for every client that does not say otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    pub statement_timeout: Duration,
    pub max_rows: u64,
    /// A streamed answer never has more rows.
    pub max_stream_rows: u64,
    /// The only schemas whose functions can be called.
    pub rpc_schemas: Vec<String>,
    pub patience: Patience,
    pub insert_window: InsertWindow,
    /// Whether inserts and deletes must say for whom they are.
    pub require_audit_headers: bool,
    /// Databases that callers name in a header; `None` when they may not.
    pub jdbc: Option<Jdbc>,
    /// Hosts whose first label says which client is meant, such as `*.api.example.com`.
    pub wildcard_hosts: Vec<String>,
    pub names: Names,
}

/// How columns are named and compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// `userId` in a request means the column `user_id`.
    pub force_camel_case_to_snake_case: bool,
    /// How the members of answered rows are spelled.
    pub response_case: ResponseCase,
    /// Columns whose conditions hold whole numbers and nothing else.
    pub numeric_condition_columns: Vec<String>,
    /// A value that looks like a UUID fails no column of another type.
    pub auto_cast_uuid_filter_values_to_text: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseCase {
    AsIs,
    Snake,
    Camel,
}

impl ResponseCase {
    pub(crate) fn of(word: &str) -> Option<Self> {
        [Self::AsIs, Self::Snake, Self::Camel].into_iter().find(|case| case.as_str() == word)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::AsIs => "as_is",
            Self::Snake => "snake",
            Self::Camel => "camel",
        }
    }
}

/// Which databases callers may name in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jdbc {
    /// Hosts, and domains with every host below them; any host when empty.
    pub allowed_hosts: Vec<String>,
    pub allow_private_hosts: bool,
    /// Whose certificates are believed, beside the public authorities'.
    pub root_certificate: Option<PathBuf>,
}

/// How many connections a client's database is worth, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    pub read_connections: u32,
    pub write_connections: u32,
    pub connect_timeout: Duration,
    pub idle_timeout: Duration,
    pub max_lifetime: Duration,
}

/// The private PostgreSQL and the demo company in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// Whether something needs it: the store, or the demo.
    pub is_needed: bool,
    pub demo: bool,
    pub demo_invoices: u32,
    /// Where PostgreSQL's programs are; looked for when `None`.
    pub bin_dir: Option<PathBuf>,
}

/// A database that callers address by a name.
#[derive(Clone)]
pub struct Client {
    /// Lower case.
    pub name: String,
    pub uri: Secret,
    /// The variable that the whole of it stands in, if it does.
    pub uri_variable: Option<String>,
    /// A folder with drizzle-kit's snapshots.
    pub snapshot: Option<PathBuf>,
    /// A `resources.yaml`.
    pub resources: Option<PathBuf>,
    /// `production`, `staging`, …
    pub environment: Option<String>,
    pub statement_timeout: Option<Duration>,
    /// Where it says otherwise than the gateway.
    pub force_camel_case_to_snake_case: Option<bool>,
    pub response_case: Option<ResponseCase>,
    /// When the database belongs to somebody else.
    pub external: Option<External>,
    pub rest: Rest,
    pub pool: Pool,
}
