//! A connection string, taken apart strictly: what is checked is what will be connected to.

use crate::REDACTED;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrets::Cleartext;

/// Where a database is and as whom to ask, without any password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    scheme: String,
    user: Option<String>,
    /// As written: a host, or several with commas, each with a port or without.
    place: String,
    /// With its slash; empty when absent.
    path: String,
    query: Vec<(String, String)>,
}

/// A password that stood in a connection string.
pub type Credentials = Option<Cleartext>;

/// Query parameters that are secrets, in every spelling people use.
const SECRET_PARAMETERS: [&str; 12] = [
    "password",
    "pass",
    "passwd",
    "pwd",
    "secret",
    "token",
    "access_token",
    "apikey",
    "api_key",
    "key",
    "sslpassword",
    "authtoken",
];

/// Query parameters by which a host is named a second time.
const HOST_PARAMETERS: [&str; 2] = ["host", "hostaddr"];

const LONGEST: usize = 4_096;

/// What may stand in user-info as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

impl Address {
    /// Take the password out of a connection string. The reason of a refusal never repeats it.
    pub fn split(text: &str) -> Result<(Self, Credentials), &'static str> {
        if text.len() > LONGEST {
            return Err("is too long");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("has a space or a character outside ASCII; write it with %");
        }
        if text.contains(['#', '\\']) {
            return Err("has a # or a backslash; write it with %");
        }
        let (scheme, rest) = text.split_once("://").ok_or("is no connection string")?;
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = match before.find('/') {
            Some(at) => before.split_at(at),
            None => (before, ""),
        };
        // Some read up to the first @ and some to the last, so there may be one at most.
        if path.contains('@') || query.contains('@') || authority.matches('@').count() > 1 {
            return Err("has an @ that is not written as %40");
        }
        let (login, place) = match authority.split_once('@') {
            Some((login, place)) => (Some(login), place),
            None => (None, authority),
        };
        let (user, mut password) =
            match login.map(|login| login.split_once(':').unwrap_or((login, ""))) {
                Some((user, password)) => (Some(decoded(user)?), decoded(password)?),
                None => (None, String::new()),
            };
        let mut kept = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            match is_secret(&name) {
                false => kept.push((name, value)),
                true if value.is_empty() => {}
                true if password.is_empty() => password = value,
                true => return Err("names two passwords"),
            }
        }
        let address = Self {
            scheme: scheme.to_owned(),
            user: user.filter(|user| !user.is_empty()),
            place: place.to_owned(),
            path: path.to_owned(),
            query: kept,
        };
        let password = (!password.is_empty()).then(|| Cleartext::new(password));
        Ok((address, password))
    }

    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    pub fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// As text, without a password.
    pub fn url(&self) -> String {
        self.render(None)
    }

    /// As text, with stars where its password is.
    pub fn redacted(&self) -> String {
        self.render(Some(REDACTED))
    }

    /// Every host it could lead to, without brackets; a socket's folder begins with a slash.
    pub fn hosts(&self) -> Vec<String> {
        let places = self.place.split(',').filter_map(|place| host_of(place).ok());
        let named = self.query.iter().filter(|(name, _)| HOST_PARAMETERS.contains(&name.as_str()));
        let named = named.flat_map(|(_, value)| value.split(',').map(str::to_owned));
        places.chain(named).filter(|host| !host.is_empty()).collect()
    }

    fn render(&self, password: Option<&str>) -> String {
        let mut text = format!("{}://", self.scheme);
        if self.user.is_some() || password.is_some() {
            let user = self.user.as_deref().unwrap_or_default();
            text.push_str(&utf8_percent_encode(user, PLAIN).to_string());
            if let Some(password) = password {
                text.push(':');
                text.push_str(password);
            }
            text.push('@');
        }
        text.push_str(&self.place);
        text.push_str(&self.path);
        for (at, (name, value)) in self.query.iter().enumerate() {
            text.push(if at == 0 { '?' } else { '&' });
            text.push_str(&utf8_percent_encode(name, PLAIN).to_string());
            text.push('=');
            text.push_str(&utf8_percent_encode(value, PLAIN).to_string());
        }
        text
    }
}

/// Whether a member or a parameter of this name holds a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let plain = name.to_ascii_lowercase().replace('-', "_");
    SECRET_PARAMETERS.contains(&plain.as_str())
}

fn host_of(place: &str) -> Result<String, &'static str> {
    let host = match place.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(rest, |(host, _)| host),
        None => place.rsplit_once(':').map_or(place, |(host, _)| host),
    };
    decoded(host)
}

fn decoded(text: &str) -> Result<String, &'static str> {
    let decoded =
        percent_decode_str(text).decode_utf8().map_err(|_| "has a part that is no text")?;
    if decoded.contains('\0') {
        return Err("has a NUL");
    }
    Ok(decoded.into_owned())
}

/// One part of a connection string, for whoever puts one together.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> (String, Option<String>) {
        let (address, password) = Address::split(text).unwrap();
        (address.url(), password.map(|password| password.expose().to_owned()))
    }

    #[test]
    fn a_password_is_taken_out_wherever_it_stands() {
        for (text, url, password) in [
            ("postgres://u:p%40ss@h:5/d", "postgres://u@h:5/d", Some("p@ss")),
            (
                "postgres://u@h/d?password=x&sslmode=require",
                "postgres://u@h/d?sslmode=require",
                Some("x"),
            ),
            ("postgres://h/d?Api-Key=x", "postgres://h/d", Some("x")),
            ("postgres://u@h/d", "postgres://u@h/d", None),
            ("postgres://u:@h/d", "postgres://u@h/d", None),
        ] {
            assert_eq!(split(text), (url.to_owned(), password.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn what_two_readers_read_differently_is_refused_without_repeating_it() {
        for text in [
            "postgres://u:hunter2@good@bad/d",
            "postgres://u:hun/ter2@h/d",
            "postgres://u:hunter2@h/d#x",
            "postgres://u:hunter2@h\\@x/d",
            "postgres://u:hunter2@h/d?password=hunter2",
            "postgres://u:hun ter2@h/d",
            "u:hunter2@h",
        ] {
            let refused = Address::split(text).err().unwrap_or_else(|| panic!("{text} was taken"));
            assert!(!refused.contains("hunter2"));
        }
    }

    #[test]
    fn every_host_that_is_named_is_seen() {
        let hosts = |text: &str| Address::split(text).unwrap().0.hosts();
        assert_eq!(
            hosts("postgres://u@h:5432/d?host=other&hostaddr=10.0.0.1"),
            ["h", "other", "10.0.0.1"]
        );
        assert_eq!(hosts("postgres://a:1,b:2/d"), ["a", "b"]);
        assert_eq!(hosts("postgres://[::1]:5432/d"), ["::1"]);
        assert_eq!(hosts("postgres://%2Ftmp/d"), ["/tmp"]);
    }
}
