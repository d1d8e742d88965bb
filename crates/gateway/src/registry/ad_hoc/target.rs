//! A connection string from a header, understood strictly: what we check is what we connect to.

use super::error::AdHocError;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where somebody wants to go, and as whom. Holds a password, so it cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    pub(super) host: Host,
    pub(super) port: u16,
    user: String,
    password: String,
    database: String,
    tls: Tls,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Host {
    /// Lower case, without the final dot.
    Name(String),
    Address(IpAddr),
}

/// How far the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    /// The certificate must be for the host that was named, whatever address is behind it.
    VerifyFull,
}

const LONGEST: usize = 2048;
const DEFAULT_PORT: u16 = 5432;

impl Target {
    /// `[jdbc:]postgres[ql]://[user[:password]@]host[:port]/database[?user=&password=&sslmode=]`.
    pub fn parse(url: &str) -> Result<Self, AdHocError> {
        if url.len() > LONGEST {
            return Err(malformed("it is too long"));
        }
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(malformed("it has a space or a character outside ASCII"));
        }
        let url = url.strip_prefix("jdbc:").unwrap_or(url);
        let rest = url.strip_prefix("postgresql://").or_else(|| url.strip_prefix("postgres://"));
        let rest = rest
            .ok_or_else(|| malformed("it does not begin with jdbc:postgresql:// or postgres://"))?;
        if rest.contains(['#', '\\']) {
            return Err(malformed("it has a # or a backslash"));
        }
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) =
            address.split_once('/').ok_or_else(|| malformed("it names no database"))?;
        let (login, place) = split_login(authority)?;
        let (host, port) = split_place(place)?;
        let mut target = Self {
            host: host_of(host)?,
            port,
            user: decoded(login.0)?,
            password: decoded(login.1)?,
            database: decoded(database)?,
            tls: Tls::Prefer,
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            target.set(pair)?;
        }
        if target.user.is_empty() {
            return Err(malformed("it names no user"));
        }
        if target.database.is_empty() || target.database.contains('/') {
            return Err(malformed("it names no database"));
        }
        Ok(target)
    }

    /// Only what does not say where to go may be set behind the question mark.
    fn set(&mut self, pair: &str) -> Result<(), AdHocError> {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decoded(value)?;
        match name {
            "user" if self.user.is_empty() => self.user = value,
            "password" if self.password.is_empty() => self.password = value,
            "user" | "password" => return Err(malformed("it names two users or two passwords")),
            "sslmode" => self.tls = tls(&value)?,
            // The driver of the header's namesake spells it so.
            "ssl" if value == "true" => self.tls = Tls::Require,
            "ssl" if value == "false" => self.tls = Tls::Disable,
            _ => return Err(AdHocError::Parameter { name: name.chars().take(64).collect() }),
        }
        Ok(())
    }

    pub fn user(&self) -> &str {
        &self.user
    }
    pub fn password(&self) -> &str {
        &self.password
    }
    pub fn database(&self) -> &str {
        &self.database
    }
    pub fn tls(&self) -> Tls {
        self.tls
    }

    /// The host's name; `None` when an address was given.
    pub fn host_name(&self) -> Option<&str> {
        match &self.host {
            Host::Name(name) => Some(name),
            Host::Address(_) => None,
        }
    }

    /// Everything that tells this target from another, part by part.
    pub(super) fn feed(&self, take: &mut dyn FnMut(&[u8])) {
        let host = match &self.host {
            Host::Name(name) => name.clone(),
            Host::Address(address) => address.to_string(),
        };
        let tls = format!("{:?}", self.tls);
        for part in
            [&host, &self.port.to_string(), &self.user, &self.password, &self.database, &tls]
        {
            take(&part.len().to_be_bytes());
            take(part.as_bytes());
        }
    }
}

fn malformed(reason: &'static str) -> AdHocError {
    AdHocError::Malformed { reason }
}

/// User and password, and what is behind them. A second `@` would be read differently elsewhere.
fn split_login(authority: &str) -> Result<((&str, &str), &str), AdHocError> {
    match authority.split('@').collect::<Vec<_>>().as_slice() {
        [place] => Ok((("", ""), place)),
        [login, place] => Ok((login.split_once(':').unwrap_or((login, "")), place)),
        _ => Err(malformed("an @ in it is not written as %40")),
    }
}

fn split_place(place: &str) -> Result<(&str, u16), AdHocError> {
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, behind) =
                rest.split_once(']').ok_or_else(|| malformed("its host has no closing bracket"))?;
            match behind {
                "" => (host, None),
                _ => (
                    host,
                    Some(
                        behind
                            .strip_prefix(':')
                            .ok_or_else(|| malformed("its port cannot be read"))?,
                    ),
                ),
            }
        }
        None => match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    let Some(port) = port else { return Ok((host, DEFAULT_PORT)) };
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(port) if digits && port > 0 => Ok((host, port)),
        _ => Err(malformed("its port cannot be read")),
    }
}

/// A name or an address; never a folder with a socket in it, never several hosts.
fn host_of(text: &str) -> Result<Host, AdHocError> {
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Ok(Host::Address(IpAddr::V6(address)));
    }
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Ok(Host::Address(IpAddr::V4(address)));
    }
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if name.len() > 253 || !name.split('.').all(is_label) {
        return Err(malformed("its host is neither a name nor an address"));
    }
    // 127.1, 0x7f000001 and 2130706433 are addresses to some and names to others.
    let last = name.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") {
        return Err(malformed("its host is an address in a form that is not taken"));
    }
    Ok(Host::Name(name))
}

fn tls(mode: &str) -> Result<Tls, AdHocError> {
    match mode {
        "disable" => Ok(Tls::Disable),
        "prefer" | "allow" => Ok(Tls::Prefer),
        "require" => Ok(Tls::Require),
        "verify-ca" => Ok(Tls::VerifyCa),
        "verify-full" => Ok(Tls::VerifyFull),
        _ => Err(malformed("its sslmode is unknown")),
    }
}

fn decoded(text: &str) -> Result<String, AdHocError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
        match (digit(), digit()) {
            (Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default())
            }
            _ => return Err(malformed("a % in it is not followed by two hex digits")),
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(malformed("a part of it is no text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> AdHocError {
        Target::parse(url).err().unwrap_or_else(|| panic!("{url} was taken"))
    }

    #[test]
    fn both_spellings_of_an_address_are_understood() {
        let target =
            Target::parse("jdbc:postgresql://me:p%40ss@DB.Example.:5433/shop?ssl=true").unwrap();
        assert_eq!(target.host_name(), Some("db.example"));
        assert_eq!((target.port, target.user(), target.password()), (5433, "me", "p@ss"));
        assert_eq!((target.database(), target.tls()), ("shop", Tls::Require));
        let url = "postgres://[2001:db8::1]/d?user=u&password=p&sslmode=verify-full";
        let target = Target::parse(url).unwrap();
        assert!(matches!(target.host, Host::Address(IpAddr::V6(_))));
        assert_eq!((target.host_name(), target.tls()), (None, Tls::VerifyFull));
        assert_eq!((target.port, target.user(), target.password()), (5432, "u", "p"));
    }

    #[test]
    fn what_would_lead_elsewhere_is_refused_by_name() {
        for name in [
            "host",
            "hostaddr",
            "port",
            "options",
            "service",
            "passfile",
            "sslcert",
            "sslkey",
            "sslrootcert",
            "socketFactory",
            "HOSTADDR",
            "host%61ddr",
        ] {
            let url = format!("postgres://u:p@db.example/d?{name}=127.0.0.1");
            assert_eq!(refusal(&url), AdHocError::Parameter { name: name.to_owned() });
        }
    }

    #[test]
    fn addresses_that_two_readers_read_differently_are_refused() {
        for url in [
            "postgres://u:p@good.example@127.0.0.1/d",
            "postgres://u:p@db.example#@127.0.0.1/d",
            "postgres://u:p@db.example\\@127.0.0.1/d",
            "postgres://u@127.1/d",
            "postgres://u@0x7f000001/d",
            "postgres://u@2130706433/d",
            "postgres://u@0177.0.0.1/d",
            "postgres://u@a.example,127.0.0.1/d",
            "postgres://u@%2Ftmp/d",
            "postgres://u@/tmp/d",
            "postgres:///d?user=u",
            "postgres://u@h:0/d",
            "postgres://u@h:+5/d",
            "postgres://u@h:70000/d",
            "postgres://u@[::1/d",
            "postgres://u@h",
            "postgres://h/d",
            "mysql://u@h/d",
            "postgres://u:p@h/d?sslmode=verify-all",
            "postgres://u:p@h/d?user=other",
            "postgres://u@h/d\u{e4}",
        ] {
            assert!(matches!(refusal(url), AdHocError::Malformed { .. }), "{url}");
        }
    }

    #[test]
    fn no_refusal_repeats_a_password() {
        for url in
            ["postgres://u:hunter2@h", "jdbc:mysql://u:hunter2@h/d", "postgres://u:hunter2@h/d?x=1"]
        {
            let problem = format!("{:?}", refusal(url).problem());
            assert!(!problem.contains("hunter2"), "{problem}");
        }
    }
}
