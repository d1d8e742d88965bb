//! The file as it was written: each value of the right kind, or absent.

use crate::{
    Mistake, Secret,
    admission::RawAdmission,
    cache::RawCache,
    datasources::{RawDatasources, RawSecrets},
    deferred::RawDeferred,
    external::RawExternal,
    fields::Fields,
    insert_window::RawInsertWindow,
    keys::{self, RawKeys},
    logging::RawLogging,
    management::RawManagement,
    node::{self, Entry, Kind, Place},
    patience::RawPatience,
    rest::RawRest,
};
use std::{path::PathBuf, time::Duration};

/// A day: nothing here is worth waiting longer for.
const LONG: u64 = 86_400;

#[derive(Default)]
pub(crate) struct Raw {
    pub(crate) server: RawServer,
    pub(crate) log_format: Option<String>,
    pub(crate) log_level: Option<String>,
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) admin_key: Option<Secret>,
    pub(crate) store_uri: Option<Secret>,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) max_rows: Option<u64>,
    pub(crate) max_stream_rows: Option<u64>,
    pub(crate) rpc_schemas: Option<Vec<String>>,
    pub(crate) patience: RawPatience,
    pub(crate) insert_window: RawInsertWindow,
    pub(crate) cache: RawCache,
    pub(crate) logging: RawLogging,
    pub(crate) wildcard_hosts: Option<Vec<String>>,
    pub(crate) admission: RawAdmission,
    pub(crate) deferred: RawDeferred,
    /// The contract's places for both; those above win.
    pub(crate) older_admission: RawAdmission,
    pub(crate) older_deferred: RawDeferred,
    pub(crate) keys: RawKeys,
    pub(crate) api_key_fail_mode: Option<String>,
    pub(crate) management: RawManagement,
    pub(crate) require_audit_headers: Option<bool>,
    pub(crate) jdbc: RawJdbc,
    pub(crate) names: RawNames,
    /// The contract's place for it; `rest` and a client's own `rest` win.
    pub(crate) rest_postgrest_mode: Option<bool>,
    pub(crate) rest: RawRest,
    pub(crate) pool: RawPool,
    pub(crate) embedded: RawEmbedded,
    pub(crate) environment: Option<String>,
    pub(crate) secrets: RawSecrets,
    pub(crate) datasources: RawDatasources,
    pub(crate) clients: Vec<RawClient>,
}

#[derive(Default)]
pub(crate) struct RawNames {
    pub(crate) snake_case: Option<bool>,
    pub(crate) response_case: Option<String>,
    pub(crate) numeric_columns: Option<Vec<String>>,
    pub(crate) uuid_as_text: Option<bool>,
}

#[derive(Default)]
pub(crate) struct RawJdbc {
    pub(crate) enabled: Option<bool>,
    pub(crate) allowed_hosts: Option<Vec<String>>,
    pub(crate) allow_private_hosts: Option<bool>,
    pub(crate) root_certificate: Option<PathBuf>,
}

#[derive(Default)]
pub(crate) struct RawServer {
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) request_timeout: Option<Duration>,
    pub(crate) body_limit: Option<u64>,
    pub(crate) cors: Option<Vec<String>>,
    pub(crate) trusted_proxies: Option<Vec<String>>,
    pub(crate) metrics: Option<bool>,
}

#[derive(Default, Clone, Copy)]
pub(crate) struct RawPool {
    pub(crate) read_connections: Option<u32>,
    pub(crate) write_connections: Option<u32>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) max_lifetime: Option<Duration>,
}

#[derive(Default)]
pub(crate) struct RawEmbedded {
    pub(crate) demo: Option<bool>,
    pub(crate) demo_invoices: Option<u32>,
    pub(crate) bin_dir: Option<PathBuf>,
}

pub(crate) struct RawClient {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) uri: Option<Secret>,
    pub(crate) snapshot: Option<PathBuf>,
    pub(crate) resources: Option<PathBuf>,
    pub(crate) environment: Option<String>,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) snake_case: Option<bool>,
    pub(crate) response_case: Option<String>,
    pub(crate) schema_mode: Option<String>,
    pub(crate) external: Option<RawExternal>,
    pub(crate) rest: RawRest,
    pub(crate) pool: RawPool,
}

impl Raw {
    /// Everything that is wrong is told at once.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        let root = node::parse(text).map_err(|mistake| vec![mistake])?;
        let mut mistakes = Vec::new();
        let raw = read(Fields::of(&root, "", &mut mistakes));
        if mistakes.is_empty() { Ok(raw) } else { Err(mistakes) }
    }
}

fn read(mut top: Fields<'_, '_>) -> Raw {
    let mut raw = Raw { data_dir: top.path("data_dir"), ..Raw::default() };
    raw.admin_key = top.secret("admin_key");
    if let Some(node) = top.take("server") {
        raw.server = server(Fields::of(node, "server", top.mistakes()));
    }
    if let Some(node) = top.take("log") {
        let mut log = Fields::of(node, "log", top.mistakes());
        raw.log_format = log.text("format");
        raw.log_level = log.text("level");
        log.finish();
    }
    if let Some(node) = top.take("store") {
        let mut store = Fields::of(node, "store", top.mistakes());
        raw.store_uri = store.secret("uri");
        store.finish();
    }
    if let Some(node) = top.take("gateway") {
        let mut gateway = Fields::of(node, "gateway", top.mistakes());
        raw.statement_timeout = gateway.seconds("statement_timeout_secs", 1..=LONG);
        raw.max_rows = gateway.number("max_rows", 1..=1_000_000);
        raw.max_stream_rows = gateway.number("max_stream_rows", 1..=1 << 40);
        raw.rpc_schemas = gateway.texts("rpc_schemas");
        raw.patience = RawPatience::read(&mut gateway);
        raw.insert_window = RawInsertWindow::read(&mut gateway);
        raw.older_admission = RawAdmission::read_older(&mut gateway);
        raw.older_deferred = RawDeferred::read_older(&mut gateway);
        raw.wildcard_hosts = gateway.texts("wildcard_hosts");
        raw.require_audit_headers = gateway.flag("require_audit_headers");
        raw.api_key_fail_mode = gateway.text("api_key_fail_mode");
        raw.rest_postgrest_mode = gateway.flag("rest_postgrest_mode");
        raw.names = names(&mut gateway);
        if let Some(node) = gateway.take("jdbc") {
            raw.jdbc = jdbc(Fields::of(node, "gateway.jdbc", gateway.mistakes()));
        }
        gateway.finish();
    }
    if let Some(node) = top.take("management") {
        raw.management = RawManagement::read(Fields::of(node, "management", top.mistakes()));
    }
    if let Some(node) = top.take("cache") {
        raw.cache = RawCache::read(Fields::of(node, "cache", top.mistakes()));
    }
    if let Some(node) = top.take("logging") {
        raw.logging = RawLogging::read(Fields::of(node, "logging", top.mistakes()));
    }
    if let Some(node) = top.take("admission") {
        raw.admission = RawAdmission::read(Fields::of(node, "admission", top.mistakes()));
    }
    if let Some(node) = top.take("deferred") {
        raw.deferred = RawDeferred::read(Fields::of(node, "deferred", top.mistakes()));
    }
    if let Some(node) = top.take("keys") {
        raw.keys = keys::read(node, top.mistakes());
    }
    if let Some(node) = top.take("rest") {
        raw.rest = RawRest::read(Fields::of(node, "rest", top.mistakes()), node.place);
    }
    if let Some(node) = top.take("pool") {
        raw.pool = pool(Fields::of(node, "pool", top.mistakes()));
    }
    if let Some(node) = top.take("embedded") {
        raw.embedded = embedded(Fields::of(node, "embedded", top.mistakes()));
    }
    raw.environment = top.text("environment");
    if let Some(node) = top.take("secrets") {
        raw.secrets = RawSecrets::read(Fields::of(node, "secrets", top.mistakes()));
    }
    if let Some(node) = top.take("datasources") {
        raw.datasources = RawDatasources::read(Fields::of(node, "datasources", top.mistakes()));
    }
    if let Some(node) = top.take("clients") {
        let entries = Fields::of(node, "clients", top.mistakes()).rest();
        raw.clients = entries.into_iter().map(|entry| client(entry, top.mistakes())).collect();
    }
    top.finish();
    raw
}

fn server(mut fields: Fields<'_, '_>) -> RawServer {
    let server = RawServer {
        host: fields.text("host"),
        port: fields.small("port", 0..=65_535).and_then(|port| u16::try_from(port).ok()),
        request_timeout: fields.seconds("request_timeout_secs", 1..=LONG),
        body_limit: fields.number("body_limit_bytes", 1024..=1 << 30),
        cors: fields.texts("cors"),
        trusted_proxies: fields.texts("trusted_proxies"),
        metrics: fields.flag("metrics"),
    };
    fields.finish();
    server
}

/// How columns are named and compared.
fn names(gateway: &mut Fields<'_, '_>) -> RawNames {
    RawNames {
        snake_case: gateway.flag("force_camel_case_to_snake_case"),
        response_case: gateway.text("response_case"),
        numeric_columns: gateway.texts("numeric_condition_columns"),
        uuid_as_text: gateway.flag("auto_cast_uuid_filter_values_to_text"),
    }
}

fn jdbc(mut fields: Fields<'_, '_>) -> RawJdbc {
    let jdbc = RawJdbc {
        enabled: fields.flag("enabled"),
        allowed_hosts: fields.texts("allowed_hosts"),
        allow_private_hosts: fields.flag("allow_private_hosts"),
        root_certificate: fields.path("root_certificate"),
    };
    fields.finish();
    jdbc
}

fn pool(mut fields: Fields<'_, '_>) -> RawPool {
    let pool = RawPool {
        read_connections: fields.small("read_connections", 1..=1000),
        write_connections: fields.small("write_connections", 1..=1000),
        connect_timeout: fields.seconds("connect_timeout_secs", 1..=LONG),
        idle_timeout: fields.seconds("idle_timeout_secs", 1..=LONG),
        max_lifetime: fields.seconds("max_lifetime_secs", 1..=LONG),
    };
    fields.finish();
    pool
}

fn embedded(mut fields: Fields<'_, '_>) -> RawEmbedded {
    let embedded = RawEmbedded {
        demo: fields.flag("demo"),
        demo_invoices: fields.small("demo_invoices", 1..=1_000_000),
        bin_dir: fields.path("bin_dir"),
    };
    fields.finish();
    embedded
}

/// A connection string alone, or a map around it.
fn client(entry: &Entry, mistakes: &mut Vec<Mistake>) -> RawClient {
    let mut client = RawClient {
        name: entry.name.clone(),
        place: entry.place,
        uri: None,
        snapshot: None,
        resources: None,
        environment: None,
        statement_timeout: None,
        snake_case: None,
        response_case: None,
        schema_mode: None,
        external: None,
        rest: RawRest::default(),
        pool: RawPool::default(),
    };
    if let Kind::Text(uri) = &entry.node.kind {
        client.uri = Some(Secret::new(uri.as_str()));
        return client;
    }
    let mut fields = Fields::of(&entry.node, &format!("clients.{}", entry.name), mistakes);
    client.uri = fields.secret("uri");
    client.snapshot = fields.path("snapshot");
    client.resources = fields.path("resources");
    client.environment = fields.text("environment");
    client.statement_timeout = fields.seconds("statement_timeout_secs", 1..=LONG);
    client.snake_case = fields.flag("force_camel_case_to_snake_case");
    client.response_case = fields.text("response_case");
    client.schema_mode = fields.text("schema_mode");
    if let Some(node) = fields.take("external") {
        let path = format!("clients.{}.external", entry.name);
        let fields = Fields::of(node, &path, fields.mistakes());
        client.external = Some(RawExternal::read(fields, &path));
    }
    if let Some(node) = fields.take("rest") {
        let path = format!("clients.{}.rest", entry.name);
        client.rest = RawRest::read(Fields::of(node, &path, fields.mistakes()), node.place);
    }
    if let Some(node) = fields.take("pool") {
        client.pool = pool(Fields::of(node, "pool of a client", fields.mistakes()));
    }
    fields.finish();
    client
}
