//! How many requests are let in, as it is set.

use super::AdmissionError;
use ::admission::Quotas;
use api_types::ClientName;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, time::Duration};

/// More is no limit worth having.
const MOST: u64 = 1_000_000_000;
const LONGEST_WINDOW: u64 = 3_600;
const PREFIXES: usize = 50;
const CLIENTS: usize = 1_000;

/// Checked limits. 0 is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    pub enabled: bool,
    pub window: Duration,
    pub global: u64,
    pub client: u64,
    pub identity: u64,
    /// Where a client's limit is another one.
    pub clients: BTreeMap<ClientName, u64>,
    pub defer_on_limit: bool,
    /// Paths that begin so are put off.
    pub defer_prefixes: Vec<String>,
}

/// Limits as they are sent; nothing of them is trusted yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LimitsInput(pub Map<String, Value>);

impl Default for Limits {
    fn default() -> Self {
        Self {
            enabled: false,
            window: Duration::from_secs(1),
            global: 0,
            client: 0,
            identity: 0,
            clients: BTreeMap::new(),
            defer_on_limit: false,
            defer_prefixes: Vec::new(),
        }
    }
}

impl Limits {
    pub(super) fn quotas(&self, client: Option<&ClientName>) -> Quotas {
        let own = client.and_then(|client| self.clients.get(client)).copied();
        Quotas {
            window: self.window,
            global: self.global,
            client: own.unwrap_or(self.client),
            identity: self.identity,
        }
    }

    /// Whether requests on this path are put off rather than turned away.
    pub fn defers(&self, path: &str) -> bool {
        self.defer_on_limit && self.defer_prefixes.iter().any(|prefix| path.starts_with(prefix))
    }

    pub fn to_json(&self) -> Value {
        json!({
            "enabled": self.enabled,
            "window_secs": self.window.as_secs(),
            "global_requests_per_window": self.global,
            "per_client_requests_per_window": self.client,
            "per_identity_requests_per_window": self.identity,
            "clients": Shown(&self.clients),
            "defer_on_limit_enabled": self.defer_on_limit,
            "defer_route_prefixes": self.defer_prefixes,
        })
    }

    pub(super) fn from_json(value: Value) -> Result<Self, AdmissionError> {
        match value {
            Value::Object(members) => LimitsInput(members).check(),
            _ => Err(AdmissionError::Field { field: "limits".to_owned(), expected: "an object" }),
        }
    }
}

/// Names are their own texts.
struct Shown<'a>(&'a BTreeMap<ClientName, u64>);

impl Serialize for Shown<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, limit)| (name.as_str(), limit)))
    }
}

impl LimitsInput {
    /// What is left out has its default; what is not known is refused by name.
    pub fn check(mut self) -> Result<Limits, AdmissionError> {
        let none = Limits::default();
        let limits = Limits {
            enabled: self.flag("enabled")?.unwrap_or(true),
            window: Duration::from_secs(
                self.number("window_secs", 1, LONGEST_WINDOW)?.unwrap_or(none.window.as_secs()),
            ),
            global: self.number("global_requests_per_window", 0, MOST)?.unwrap_or(0),
            client: self.number("per_client_requests_per_window", 0, MOST)?.unwrap_or(0),
            identity: self.number("per_identity_requests_per_window", 0, MOST)?.unwrap_or(0),
            clients: self.clients()?,
            defer_on_limit: self.flag("defer_on_limit_enabled")?.unwrap_or(false),
            defer_prefixes: self.prefixes()?,
        };
        match self.0.into_iter().next() {
            None => Ok(limits),
            Some((field, _)) => Err(AdmissionError::UnknownField { field }),
        }
    }

    fn take(&mut self, field: &str) -> Option<Value> {
        self.0.shift_remove(field).filter(|value| !value.is_null())
    }

    fn flag(&mut self, field: &str) -> Result<Option<bool>, AdmissionError> {
        let value = self.take(field);
        let flag = value.map(|value| value.as_bool().ok_or(()));
        flag.transpose().map_err(|()| refused(field, "true or false"))
    }

    fn number(
        &mut self,
        field: &str,
        least: u64,
        most: u64,
    ) -> Result<Option<u64>, AdmissionError> {
        let value = self.take(field);
        let fits = |value: Value| number(&value, least, most).ok_or(());
        let expected = match most {
            LONGEST_WINDOW => "a whole number from 1 to 3600",
            _ => "a whole number from 0 to 1000000000",
        };
        value.map(fits).transpose().map_err(|()| refused(field, expected))
    }

    fn clients(&mut self) -> Result<BTreeMap<ClientName, u64>, AdmissionError> {
        let expected = "an object of at most 1000 client names, each with a whole number";
        let Some(value) = self.take("clients") else { return Ok(BTreeMap::new()) };
        let Value::Object(members) = value else { return Err(refused("clients", expected)) };
        if members.len() > CLIENTS {
            return Err(refused("clients", expected));
        }
        let one = |(name, limit): (String, Value)| {
            let parsed = ClientName::parse(&name).ok().zip(number(&limit, 0, MOST));
            parsed.ok_or_else(|| refused(&format!("clients.{}", shown(&name)), "a client's limit"))
        };
        members.into_iter().map(one).collect()
    }

    fn prefixes(&mut self) -> Result<Vec<String>, AdmissionError> {
        let field = "defer_route_prefixes";
        let expected = "a list of at most 50 paths, each with a slash in front";
        let Some(value) = self.take(field) else { return Ok(Vec::new()) };
        let Value::Array(items) = value else { return Err(refused(field, expected)) };
        if items.len() > PREFIXES {
            return Err(refused(field, expected));
        }
        let one = |item: Value| match item {
            Value::String(path) if is_prefix(&path) => Ok(path),
            _ => Err(refused(field, expected)),
        };
        items.into_iter().map(one).collect()
    }
}

fn is_prefix(path: &str) -> bool {
    path.starts_with('/') && path.len() <= 200 && path.bytes().all(|byte| byte.is_ascii_graphic())
}

fn number(value: &Value, least: u64, most: u64) -> Option<u64> {
    value.as_u64().filter(|number| (least..=most).contains(number))
}

fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}

fn refused(field: &str, expected: &'static str) -> AdmissionError {
    AdmissionError::Field { field: field.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: Value) -> Result<Limits, AdmissionError> {
        Limits::from_json(value)
    }

    #[test]
    fn limits_come_back_as_they_were_set() {
        let limits = check(json!({
            "window_secs": 10, "global_requests_per_window": 100, "per_client_requests_per_window": 50,
            "per_identity_requests_per_window": 5, "clients": { "Shop": 7 },
            "defer_on_limit_enabled": true, "defer_route_prefixes": ["/gateway/insert"],
        }))
        .unwrap();
        assert!(
            limits.enabled && limits.defers("/gateway/insert") && !limits.defers("/gateway/fetch")
        );
        assert_eq!(check(limits.to_json()).unwrap(), limits);
        let shop = ClientName::parse("shop").unwrap();
        assert_eq!((limits.quotas(Some(&shop)).client, limits.quotas(None).client), (7, 50));
    }

    #[test]
    fn odd_limits_are_refused_by_name() {
        for (value, named) in [
            (json!({ "window_secs": 0 }), "window_secs"),
            (json!({ "window_secs": 1.5 }), "window_secs"),
            (json!({ "global_requests_per_window": -1 }), "global_requests_per_window"),
            (json!({ "clients": { "no client": 1 } }), "clients.no client"),
            (json!({ "clients": [] }), "clients"),
            (json!({ "defer_route_prefixes": ["gateway"] }), "defer_route_prefixes"),
            (json!({ "windows": 1 }), "windows"),
        ] {
            let problem = check(value.clone()).unwrap_err().problem();
            assert_eq!(problem.status, 400);
            assert_eq!(problem.details["field"], named, "{value}");
        }
    }
}
