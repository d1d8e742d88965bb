//! A driver's configuration: judged, and read as the place it leads to.

use super::{Driver, forms};
use crate::{
    Address, ClientRecord, Invalid, REDACTED,
    address::{encoded, is_secret},
    form::joined,
};
use secrets::Cleartext;
use serde_json::{Map, Value};
use std::path::PathBuf;

/// Where a record leads, ready for a driver.
pub enum Connection {
    Postgres {
        /// Without a password.
        address: Address,
        /// One that stood in the configuration of old.
        password: Option<Cleartext>,
        schema: Option<String>,
        statement_timeout_ms: Option<u64>,
        wants_tls: bool,
    },
    Sqlite {
        file: PathBuf,
    },
    Memory,
}

/// What a record leads to, for whoever decides whether it may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Every host it names; a socket's folder begins with a slash.
    Hosts(Vec<String>),
    File(PathBuf),
    Nothing,
}

/// What a record leads to. A place that cannot be read is an error, and nobody goes there.
pub fn reach(record: &ClientRecord) -> Result<Reach, Invalid> {
    let config = &record.config;
    match &record.driver {
        Driver::Postgres | Driver::Sqlite | Driver::Memory => Ok(match connection(record)? {
            Connection::Postgres { address, .. } => Reach::Hosts(address.hosts()),
            Connection::Sqlite { file } => Reach::File(file),
            Connection::Memory => Reach::Nothing,
        }),
        Driver::Scylladb => {
            let hosts = config.get("hosts").and_then(Value::as_array).into_iter().flatten();
            let hosts = hosts.filter_map(Value::as_str).map(|host| {
                let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
                let has_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
                // An IPv6 address has more than one colon.
                let name = if has_port && !name.contains(':') { name } else { host };
                name.to_owned()
            });
            Ok(Reach::Hosts(hosts.collect()))
        }
        Driver::Supabase | Driver::Mongodb | Driver::Other(_) => {
            let Some(url) = text(config, "url") else {
                return Ok(Reach::Hosts(
                    text(config, "host").map(str::to_owned).into_iter().collect(),
                ));
            };
            let (address, _) =
                Address::split(url).map_err(|reason| Invalid::at("config.url", reason))?;
            Ok(Reach::Hosts(address.hosts()))
        }
    }
}

pub(super) fn check(driver: &Driver, config: &Map<String, Value>, wrong: &mut Invalid) {
    match forms::of(driver) {
        Some(form) => form.check("config", config, wrong),
        None => no_secrets("config", config, wrong),
    }
    let needed = forms::needed(driver);
    let there = needed.iter().filter(|name| config.contains_key(**name)).count();
    if !needed.is_empty() && there != 1 {
        wrong.add("config", format!("must have {}", needed.join(" or ")));
    }
    for (name, value) in config {
        if let Value::String(text) = value {
            check_text(driver, &joined("config", name), name, text, wrong);
        }
    }
}

/// What a driver that is not known is told, nobody can judge; secrets are refused all the same.
fn no_secrets(path: &str, object: &Map<String, Value>, wrong: &mut Invalid) {
    for (name, value) in object {
        let at = joined(path, name);
        if is_secret(name) {
            wrong.add(at, "is a secret; send it as secret, beside config");
        } else if let Value::Object(inner) = value {
            no_secrets(&at, inner, wrong);
        }
    }
}

fn check_text(driver: &Driver, path: &str, name: &str, text: &str, wrong: &mut Invalid) {
    if name != "url" && !text.contains("://") {
        if matches!(driver, Driver::Postgres) && name == "host" {
            check_host(path, text, wrong);
        }
        return;
    }
    match Address::split(text) {
        Err(reason) => wrong.add(path, reason),
        Ok((_, Some(password))) if password.expose() == REDACTED => wrong.add(
            path,
            "holds the stars that stand for a password; leave them out, and the stored one is kept",
        ),
        Ok((_, Some(_))) => {
            wrong.add(path, "holds a password; take it out and send it as secret, beside config");
        }
        Ok((address, None)) if matches!(driver, Driver::Postgres) && name == "url" => {
            check_postgres(path, &address, wrong);
        }
        Ok(_) => {}
    }
}

fn check_host(path: &str, host: &str, wrong: &mut Invalid) {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/');
    if !host.chars().all(fits) {
        wrong.add(path, "is neither a name nor an address");
    }
}

/// What may stand behind the question mark: nothing that leads elsewhere, and no file of this server.
const PARAMETERS: [&str; 4] = ["sslmode", "ssl-mode", "application_name", "options"];

fn check_postgres(path: &str, address: &Address, wrong: &mut Invalid) {
    if !matches!(address.scheme(), "postgres" | "postgresql") {
        wrong.add(path, "must begin with postgres:// or postgresql://");
    }
    if address.hosts().len() != 1 {
        wrong.add(path, "must name one host, and only in its own place");
    }
    for (name, _) in address.query() {
        if !PARAMETERS.contains(&name.as_str()) {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
            wrong.add(path, format!("has the parameter {shown}, which is not taken here"));
        }
    }
}

/// Where a record leads. What cannot be read is told without repeating it.
pub fn connection(record: &ClientRecord) -> Result<Connection, Invalid> {
    match &record.driver {
        Driver::Postgres => postgres(&record.config),
        Driver::Sqlite => Ok(match text(&record.config, "filename") {
            None | Some(":memory:") => Connection::Memory,
            Some(file) => Connection::Sqlite { file: PathBuf::from(file) },
        }),
        Driver::Memory => Ok(Connection::Memory),
        driver @ (Driver::Scylladb | Driver::Supabase | Driver::Mongodb | Driver::Other(_)) => {
            Err(Invalid::at("driver", format!("{driver} is not offered by this server")))
        }
    }
}

fn postgres(config: &Map<String, Value>) -> Result<Connection, Invalid> {
    let url = match text(config, "url") {
        Some(url) => url.to_owned(),
        None => assembled(config)?,
    };
    let (address, password) =
        Address::split(&url).map_err(|reason| Invalid::at("config.url", reason))?;
    let password = password
        .or_else(|| text(config, "password").map(|password| Cleartext::new(password.to_owned())));
    Ok(Connection::Postgres {
        address,
        password,
        schema: text(config, "schema").map(str::to_owned),
        statement_timeout_ms: config.get("statementTimeout").and_then(Value::as_u64),
        wants_tls: config.get("ssl").and_then(Value::as_bool).unwrap_or(false),
    })
}

/// A connection string out of its parts.
fn assembled(config: &Map<String, Value>) -> Result<String, Invalid> {
    let host =
        text(config, "host").ok_or_else(|| Invalid::at("config", "must have url or host"))?;
    let host = if host.contains(':') { format!("[{host}]") } else { encoded(host) };
    let user = text(config, "username").map(|user| format!("{}@", encoded(user)));
    let port = config.get("port").and_then(Value::as_u64).unwrap_or(5432);
    let database = text(config, "database").map(encoded).unwrap_or_default();
    let name = text(config, "applicationName");
    let name = name.map(|name| format!("?application_name={}", encoded(name)));
    let (user, name) = (user.unwrap_or_default(), name.unwrap_or_default());
    Ok(format!("postgres://{user}{host}:{port}/{database}{name}"))
}

fn text<'a>(config: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    config.get(name).and_then(Value::as_str)
}
