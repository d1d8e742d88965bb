//! Flags over environment over file over defaults.

use crate::{
    Client, Cors, Embedded, Environment, Gateway, Jdbc, Log, LogFormat, Mistake, Names, Pool,
    ResponseCase, Rest, Secret, Server, Settings, Source, Store,
    datasources::{is_production, variable_of},
    expand::expand,
    external,
    fields::commas,
    keys::networks,
    node::Place,
    raw::{Raw, RawClient, RawJdbc, RawNames, RawPool, RawServer},
    unused,
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

const PORT: u16 = 4052;
const HOST: &str = "127.0.0.1";
const DEMO_INVOICES: u32 = 20_000;
const BODY_LIMIT: u64 = 2 * 1024 * 1024;

/// What was said on the command line.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub config: Option<PathBuf>,
    pub data_dir: Option<PathBuf>,
    pub port: Option<u16>,
    pub host: Option<String>,
}

pub(crate) fn resolve(
    raw: Raw,
    source: Source,
    overrides: &Overrides,
    environment: &Environment,
) -> Result<Settings, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    unused::refuse(environment, &mut mistakes);
    let folder = folder_of(&source);
    let pool = pool(raw.pool, environment, &mut mistakes);
    let max_rows = raw.max_rows.unwrap_or(10_000);
    let rest = Rest { max_rows: Some(max_rows), ..Rest::with_mode(raw.rest_postgrest_mode) };
    let rest = raw.rest.resolve(&rest, "rest", &folder, environment, &mut mistakes);
    let common = Common { pool: &pool, rest: &rest, folder: &folder };
    let clients = clients(raw.clients, common, environment, &mut mistakes);
    let store = store(raw.store_uri, environment, &mut mistakes);
    let demo = raw.embedded.demo.unwrap_or(store.is_none() || clients.is_empty());
    let embedded = Embedded {
        is_needed: store.is_none() || demo,
        demo,
        demo_invoices: raw.embedded.demo_invoices.unwrap_or(DEMO_INVOICES),
        bin_dir: raw.embedded.bin_dir.map(|path| folder.join(path)),
    };
    let data_dir = overrides.data_dir.clone().or_else(|| environment.path("ATHENA_DATA_DIR"));
    let data_dir = data_dir.or_else(|| raw.data_dir.map(|path| folder.join(path)));
    let data_dir = data_dir.unwrap_or_else(own_data_dir);
    let said = raw.environment.as_deref();
    let cache = raw.cache.resolve(environment, &mut mistakes);
    let has_redis = cache.enabled && cache.redis_url.is_some();
    let settings = Settings {
        is_production: is_production(said, environment, &mut mistakes),
        secrets: raw.secrets.resolve(&folder, &data_dir, environment),
        datasources: raw.datasources.resolve(&folder),
        server: server(raw.server, overrides, environment, &mut mistakes),
        log: log(raw.log_format, raw.log_level, environment, &mut mistakes),
        data_dir,
        admin_key: admin_key(raw.admin_key, environment),
        store: Store { uri: store },
        gateway: Gateway {
            statement_timeout: raw.statement_timeout.unwrap_or(Duration::from_secs(30)),
            max_rows,
            max_stream_rows: raw.max_stream_rows.unwrap_or(1_000_000),
            rpc_schemas: raw.rpc_schemas.unwrap_or_else(|| vec!["public".to_owned()]),
            patience: raw.patience.resolve(),
            insert_window: raw.insert_window.resolve(),
            require_audit_headers: raw.require_audit_headers.unwrap_or(false),
            jdbc: jdbc(raw.jdbc, &folder),
            wildcard_hosts: wildcard_hosts(raw.wildcard_hosts, environment, &mut mistakes),
            names: names(raw.names, &mut mistakes),
        },
        cache,
        logging: raw.logging.resolve(),
        admission: raw.admission.resolve(raw.older_admission, has_redis, &mut mistakes),
        deferred: raw.deferred.resolve(raw.older_deferred, environment, &mut mistakes),
        keys: raw.keys.resolve(raw.api_key_fail_mode.as_deref(), environment, &mut mistakes),
        management: raw.management.resolve(),
        rest,
        pool,
        embedded,
        allow_schema_mismatch: environment.get("ATHENA_ALLOW_SCHEMA_MISMATCH") == Some("1"),
        clients,
        source,
    };
    if mistakes.is_empty() { Ok(settings) } else { Err(mistakes) }
}

/// Paths in a file are meant from where the file lies.
fn folder_of(source: &Source) -> PathBuf {
    match source {
        Source::File(path) => path.parent().map(Path::to_owned).unwrap_or_default(),
        Source::BuiltIn => PathBuf::new(),
    }
}

/// The variable's pattern instead of the file's; none while it is switched off.
fn wildcard_hosts(
    raw: Option<Vec<String>>,
    environment: &Environment,
    mistakes: &mut Vec<Mistake>,
) -> Vec<String> {
    const SWITCH: &str = "ATHENA_WILDCARD_HOST_ROUTING_ENABLED";
    let said = environment.get(SWITCH).map(|word| word.trim().to_ascii_lowercase());
    match said.as_deref() {
        Some("false" | "0" | "no" | "off") => return Vec::new(),
        None | Some("true" | "1" | "yes" | "on") => {}
        Some(_) => mistakes.push(Mistake::new(format!("{SWITCH} must be true or false"))),
    }
    let pattern = environment.get("ATHENA_WILDCARD_HOST_PATTERN").map(commas);
    let hosts = pattern.or(raw).unwrap_or_default();
    for host in hosts.iter().filter(|host| !host.starts_with("*.")) {
        let shown: String = host.chars().take(80).collect();
        let text =
            format!("gateway.wildcard_hosts: {shown:?} must begin with *., as *.api.example.com");
        mistakes.push(Mistake::new(text));
    }
    hosts
}

fn own_data_dir() -> PathBuf {
    let folders = directories::ProjectDirs::from("", "", "athena");
    folders.map_or_else(|| ".athena".into(), |found| found.data_local_dir().to_owned())
}

fn server(
    raw: RawServer,
    overrides: &Overrides,
    environment: &Environment,
    mistakes: &mut Vec<Mistake>,
) -> Server {
    let from_environment = environment.get("ATHENA_CORS_ALLOWED_ORIGINS").map(commas);
    let origins = from_environment.or(raw.cors);
    let limit = raw.body_limit.unwrap_or(BODY_LIMIT);
    Server {
        host: overrides.host.clone().or(raw.host).unwrap_or_else(|| HOST.to_owned()),
        port: overrides.port.or(raw.port).unwrap_or(PORT),
        request_timeout: raw.request_timeout.unwrap_or(Duration::from_secs(60)),
        body_limit: usize::try_from(limit).unwrap_or(usize::MAX),
        cors: cors(origins.unwrap_or_default(), mistakes),
        trusted_proxies: networks(raw.trusted_proxies, environment, mistakes),
        metrics: raw.metrics.unwrap_or(true),
    }
}

fn cors(origins: Vec<String>, mistakes: &mut Vec<Mistake>) -> Cors {
    match origins.as_slice() {
        [] => return Cors::Any,
        [only] if only == "any" || only == "*" => return Cors::Any,
        [only] if only == "closed" => return Cors::Closed,
        _ => {}
    }
    if !origins.iter().all(|origin| is_origin(origin)) {
        let expected = "server.cors must be any, closed, or origins such as https://app.example";
        mistakes.push(Mistake::new(expected));
    }
    Cors::Origins(origins)
}

fn jdbc(raw: RawJdbc, folder: &Path) -> Option<Jdbc> {
    raw.enabled.unwrap_or(false).then(|| Jdbc {
        allowed_hosts: raw.allowed_hosts.unwrap_or_default(),
        allow_private_hosts: raw.allow_private_hosts.unwrap_or(false),
        root_certificate: raw.root_certificate.map(|path| folder.join(path)),
    })
}

fn names(raw: RawNames, mistakes: &mut Vec<Mistake>) -> Names {
    let response_case =
        raw.response_case.as_deref().map_or(Some(ResponseCase::AsIs), ResponseCase::of);
    let response_case = response_case.unwrap_or_else(|| {
        mistakes.push(Mistake::new("gateway.response_case must be as_is, snake or camel"));
        ResponseCase::AsIs
    });
    Names {
        force_camel_case_to_snake_case: raw.snake_case.unwrap_or(false),
        response_case,
        numeric_condition_columns: raw
            .numeric_columns
            .unwrap_or_else(|| vec!["room_id".to_owned()]),
        auto_cast_uuid_filter_values_to_text: raw.uuid_as_text.unwrap_or(true),
    }
}

/// As browsers send it: a scheme and a host, and nothing behind them.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        !host.is_empty() && host.chars().all(fits)
    })
}

fn log(
    format: Option<String>,
    level: Option<String>,
    environment: &Environment,
    mistakes: &mut Vec<Mistake>,
) -> Log {
    let level = environment.get("RUST_LOG").map(str::to_owned).or(level);
    let format = match format.as_deref() {
        None | Some("pretty") => LogFormat::Pretty,
        Some("json") => LogFormat::Json,
        Some(_) => {
            mistakes.push(Mistake::new("log.format must be pretty or json"));
            LogFormat::Pretty
        }
    };
    Log { format, level: level.unwrap_or_else(|| "info".to_owned()) }
}

/// The second name is the one that later versions of the contract use.
fn admin_key(raw: Option<Secret>, environment: &Environment) -> Option<Secret> {
    let names = ["ATHENA_KEY_12", "ATHENA_P12_KEY"];
    let set = names.iter().find_map(|name| environment.get(name)).map(Secret::new);
    set.or(raw).filter(|key| !key.expose().trim().is_empty())
}

fn store(
    raw: Option<Secret>,
    environment: &Environment,
    mistakes: &mut Vec<Mistake>,
) -> Option<Secret> {
    if let Some(uri) = environment.get("POSTGRES_ATHENA_LOGGING_URI") {
        return Some(Secret::new(uri));
    }
    expanded(raw?, "store.uri", None, environment, mistakes)
}

pub(crate) fn expanded(
    uri: Secret,
    what: &str,
    place: Place,
    environment: &Environment,
    mistakes: &mut Vec<Mistake>,
) -> Option<Secret> {
    match expand(uri.expose(), environment) {
        Ok(text) => Some(Secret::new(text)),
        Err(reason) => {
            mistakes.push(Mistake::new(format!("{what}: {reason}")).at(place));
            None
        }
    }
}

fn pool(raw: RawPool, environment: &Environment, mistakes: &mut Vec<Mistake>) -> Pool {
    let mut number = |name: &str| -> Option<u32> {
        let text = environment.get(name)?;
        let number = text.parse().ok().filter(|number| (1..=86_400).contains(number));
        if number.is_none() {
            mistakes.push(Mistake::new(format!("{name} must be a number from 1 to 86400")));
        }
        number
    };
    let connections = number("ATHENA_PG_POOL_MAX_CONNECTIONS");
    let mut seconds =
        |name: &str| number(name).map(|seconds| Duration::from_secs(u64::from(seconds)));
    let from_environment = RawPool {
        read_connections: connections,
        write_connections: connections,
        connect_timeout: seconds("ATHENA_PG_POOL_ACQUIRE_TIMEOUT_SECS"),
        idle_timeout: seconds("ATHENA_PG_POOL_IDLE_TIMEOUT_SECS"),
        max_lifetime: seconds("ATHENA_PG_POOL_MAX_LIFETIME_SECS"),
    };
    let default = Pool {
        read_connections: 8,
        write_connections: 8,
        connect_timeout: Duration::from_secs(5),
        idle_timeout: Duration::from_secs(90),
        max_lifetime: Duration::from_secs(30 * 60),
    };
    default.with(raw).with(from_environment)
}

impl Pool {
    fn with(&self, raw: RawPool) -> Self {
        Self {
            read_connections: raw.read_connections.unwrap_or(self.read_connections),
            write_connections: raw.write_connections.unwrap_or(self.write_connections),
            connect_timeout: raw.connect_timeout.unwrap_or(self.connect_timeout),
            idle_timeout: raw.idle_timeout.unwrap_or(self.idle_timeout),
            max_lifetime: raw.max_lifetime.unwrap_or(self.max_lifetime),
        }
    }
}

/// What holds for every client that does not say otherwise.
#[derive(Clone, Copy)]
struct Common<'a> {
    pool: &'a Pool,
    rest: &'a Rest,
    folder: &'a Path,
}

fn clients(
    raw: Vec<RawClient>,
    common: Common<'_>,
    environment: &Environment,
    mistakes: &mut Vec<Mistake>,
) -> Vec<Client> {
    let mut clients: Vec<Client> = Vec::new();
    for raw in raw {
        let shown: String = raw.name.chars().take(64).collect();
        let mut refuse = |message: &str| {
            mistakes.push(Mistake::new(format!("clients.{shown} {message}")).at(raw.place));
        };
        let name = raw.name.trim().to_ascii_lowercase();
        if !is_client_name(&name) {
            refuse("is no name for a client: letters, digits, '.', '-' and '_' make one");
            continue;
        }
        if name == "statistics" {
            refuse("is a word of the administrators' addresses; choose another name");
        }
        if clients.iter().any(|other| other.name == name) {
            refuse("is there twice; upper and lower case are the same");
        }
        let Some(uri) = raw.uri else {
            refuse("has no connection string; give it a uri");
            continue;
        };
        let response_case = raw.response_case.as_deref().map(ResponseCase::of);
        if response_case == Some(None) {
            refuse("has a response_case that is not as_is, snake or camel");
        }
        let what = format!("clients.{name}");
        let uri_variable = variable_of(uri.expose());
        let Some(uri) = expanded(uri, &what, raw.place, environment, mistakes) else { continue };
        let Common { pool, rest, folder } = common;
        let rest = raw.rest.resolve(rest, &format!("{what}.rest"), folder, environment, mistakes);
        let mode = raw.schema_mode.as_deref();
        let external = external::resolve(mode, raw.external, &what, mistakes);
        clients.push(Client {
            name,
            uri,
            uri_variable,
            snapshot: raw.snapshot.map(|path| folder.join(path)),
            resources: raw.resources.map(|path| folder.join(path)),
            environment: raw.environment,
            statement_timeout: raw.statement_timeout,
            force_camel_case_to_snake_case: raw.snake_case,
            response_case: response_case.flatten(),
            external,
            rest,
            pool: pool.with(raw.pool),
        });
    }
    clients
}

fn is_client_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (1..=128).contains(&name.len()) && name.chars().all(fits)
}
