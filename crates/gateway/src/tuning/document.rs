//! The document: every member known, every value within its range.

use super::TuningError;
use query::request::ResponseCase;
use serde_json::{Map, Value};
use std::{ops::RangeInclusive, time::Duration};

/// A day: nothing here is worth waiting longer for.
const LONG: u64 = 86_400;

/// What a document says. Only [`Overrides::parse`] makes one from a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    pub(super) statement_timeout: Option<Duration>,
    pub(super) deadline: Option<Duration>,
    pub(super) read_retries: Option<u32>,
    pub(super) first_backoff: Option<Duration>,
    pub(super) max_rows: Option<u64>,
    pub(super) max_stream_rows: Option<u64>,
    pub(super) keeps_answers: Option<bool>,
    pub(super) answers_ttl: Option<Duration>,
    pub(super) postgrest_mode: Option<bool>,
    pub(super) snake_case: Option<bool>,
    pub(super) response_case: Option<ResponseCase>,
    pub(super) uuid_as_text: Option<bool>,
    pub(super) read_only: Option<bool>,
    pub(crate) pool: PoolTuning,
}

/// How many connections, and for how long, where that differs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolTuning {
    /// Of both kinds, as one number; a client of the configuration has so many of each.
    pub connections: Option<u32>,
    pub read_connections: Option<u32>,
    pub write_connections: Option<u32>,
    pub acquire_timeout: Option<Duration>,
    pub idle_timeout: Option<Duration>,
    pub max_lifetime: Option<Duration>,
}

impl PoolTuning {
    /// Of both kinds together, for a client whose pool is one number.
    pub fn all_connections(&self) -> Option<u32> {
        let (read, write) = (self.read_connections, self.write_connections);
        let each = read.or(write).map(|_| read.unwrap_or(0) + write.unwrap_or(0));
        each.or(self.connections)
    }

    pub(super) fn over(self, base: &Self) -> Self {
        Self {
            connections: self.connections.or(base.connections),
            read_connections: self.read_connections.or(base.read_connections),
            write_connections: self.write_connections.or(base.write_connections),
            acquire_timeout: self.acquire_timeout.or(base.acquire_timeout),
            idle_timeout: self.idle_timeout.or(base.idle_timeout),
            max_lifetime: self.max_lifetime.or(base.max_lifetime),
        }
    }
}

impl Overrides {
    pub fn parse(document: &Value) -> Result<Self, TuningError> {
        let mut all = Section::of(document.clone(), "config")?;
        let mut found = Self::default();
        if let Some(mut pool) = all.section("pool")? {
            found.pool = read_pool(&mut pool)?;
            pool.finish()?;
        }
        if let Some(mut timeouts) = all.section("timeouts")? {
            found.statement_timeout = timeouts.millis("statement_ms", 1..=LONG * 1000)?;
            found.deadline = timeouts.seconds("resilience_secs", 1..=LONG)?;
            timeouts.finish()?;
        }
        if let Some(mut retries) = all.section("retries")? {
            found.read_retries = retries.small("read_max", 0..=10)?;
            found.first_backoff = retries.millis("initial_backoff_ms", 1..=60_000)?;
            retries.finish()?;
        }
        if let Some(mut limits) = all.section("limits")? {
            found.max_rows = limits.number("max_rows", 1..=1_000_000)?;
            found.max_stream_rows = limits.number("max_stream_rows", 1..=1 << 40)?;
            limits.finish()?;
        }
        if let Some(mut cache) = all.section("cache")? {
            found.keeps_answers = cache.flag("enabled")?;
            found.answers_ttl = cache.seconds("ttl_secs", 1..=LONG)?;
            cache.finish()?;
        }
        if let Some(mut rest) = all.section("rest")? {
            found.postgrest_mode = rest.flag("postgrest_mode")?;
            rest.finish()?;
        }
        if let Some(mut flags) = all.section("flags")? {
            found.snake_case = flags.flag("force_camel_case_to_snake_case")?;
            found.response_case = flags.case("response_case")?;
            found.uuid_as_text = flags.flag("auto_cast_uuid_filter_values_to_text")?;
            found.read_only = flags.flag("read_only")?;
            flags.finish()?;
        }
        if all.take("admission").is_some() {
            let hint = "PUT /admin/admission-limits changes limits of requests while they run.";
            return Err(TuningError::Elsewhere { path: "admission".to_owned(), hint });
        }
        all.finish()?;
        Ok(found)
    }
}

/// `max_connections` is both kinds of connections at once, as older documents have it.
fn read_pool(pool: &mut Section) -> Result<PoolTuning, TuningError> {
    let both = pool.small("max_connections", 1..=1000)?;
    // Connections are opened when they are needed, so there is no least number to keep.
    pool.small("min_connections", 0..=0)?;
    let acquire = pool.millis("acquire_timeout_ms", 1..=LONG * 1000)?;
    Ok(PoolTuning {
        connections: both,
        read_connections: pool.small("read_connections", 1..=1000)?,
        write_connections: pool.small("write_connections", 1..=1000)?,
        acquire_timeout: acquire,
        idle_timeout: pool.seconds("idle_timeout_secs", 1..=LONG)?,
        max_lifetime: pool.seconds("max_lifetime_secs", 1..=LONG)?,
    })
}

/// One object, whose members are taken out one by one; what is left over is refused by its path.
struct Section {
    path: String,
    members: Map<String, Value>,
}

impl Section {
    fn of(value: Value, path: &str) -> Result<Self, TuningError> {
        let prefix = if path == "config" { String::new() } else { format!("{path}.") };
        match value {
            Value::Object(members) => Ok(Self { path: prefix, members }),
            _ => Err(invalid(path, "an object")),
        }
    }

    /// Null is the same as nothing.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.members.shift_remove(name).filter(|value| !value.is_null())
    }

    fn section(&mut self, name: &str) -> Result<Option<Self>, TuningError> {
        self.take(name).map(|value| Self::of(value, name)).transpose()
    }

    fn number(
        &mut self,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, TuningError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let number = value.as_u64().filter(|number| range.contains(number));
        let expected = format!("a number from {} to {}", range.start(), range.end());
        number.map(Some).ok_or_else(|| invalid(&self.at(name), &expected))
    }

    fn small(
        &mut self,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u32>, TuningError> {
        Ok(self.number(name, range)?.and_then(|number| u32::try_from(number).ok()))
    }

    fn seconds(
        &mut self,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<Duration>, TuningError> {
        Ok(self.number(name, range)?.map(Duration::from_secs))
    }

    fn millis(
        &mut self,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<Duration>, TuningError> {
        Ok(self.number(name, range)?.map(Duration::from_millis))
    }

    fn flag(&mut self, name: &str) -> Result<Option<bool>, TuningError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(invalid(&self.at(name), "true or false")),
        }
    }

    fn case(&mut self, name: &str) -> Result<Option<ResponseCase>, TuningError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        match value.as_str() {
            Some("as_is") => Ok(Some(ResponseCase::AsIs)),
            Some("snake") => Ok(Some(ResponseCase::Snake)),
            Some("camel") => Ok(Some(ResponseCase::Camel)),
            _ => Err(invalid(&self.at(name), "as_is, snake or camel")),
        }
    }

    fn finish(self) -> Result<(), TuningError> {
        match self.members.keys().next() {
            None => Ok(()),
            Some(name) => {
                let path: String = self.at(name).chars().take(80).collect();
                Err(TuningError::Unknown { path })
            }
        }
    }

    fn at(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }
}

fn invalid(path: &str, expected: &str) -> TuningError {
    TuningError::Invalid { path: path.to_owned(), expected: expected.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_member_is_read_into_its_place() {
        let document = json!({
            "pool": { "max_connections": 7, "write_connections": 2, "min_connections": 0 },
            "timeouts": { "statement_ms": 1500, "resilience_secs": 3 },
            "retries": { "read_max": 0, "initial_backoff_ms": 5 },
            "limits": { "max_rows": 10 },
            "cache": { "enabled": true, "ttl_secs": 9 },
            "rest": { "postgrest_mode": false },
            "flags": { "read_only": true, "response_case": "camel", "force_camel_case_to_snake_case": null },
        });
        let found = Overrides::parse(&document).unwrap();
        assert_eq!((found.pool.connections, found.pool.read_connections), (Some(7), None));
        assert_eq!(found.pool.write_connections, Some(2));
        assert_eq!(found.statement_timeout, Some(Duration::from_millis(1500)));
        assert_eq!((found.read_retries, found.max_rows), (Some(0), Some(10)));
        assert_eq!((found.read_only, found.snake_case), (Some(true), None));
        assert_eq!(found.postgrest_mode, Some(false));
    }

    #[test]
    fn what_is_not_understood_is_refused_by_its_path() {
        for (document, code, field) in [
            (json!({"pol": {}}), "unknown_field", "pol"),
            (json!({"pool": {"max_conections": 3}}), "unknown_field", "pool.max_conections"),
            (json!({"pool": {"max_connections": 0}}), "invalid_field", "pool.max_connections"),
            (json!({"pool": {"min_connections": 2}}), "invalid_field", "pool.min_connections"),
            (json!({"pool": 3}), "invalid_field", "pool"),
            (json!({"flags": {"read_only": "yes"}}), "invalid_field", "flags.read_only"),
            (json!({"timeouts": {"statement_ms": 1.5}}), "invalid_field", "timeouts.statement_ms"),
            (json!({"admission": {"per_window": 3}}), "not_supported", "admission"),
            (json!([]), "invalid_field", "config"),
        ] {
            let problem = Overrides::parse(&document).unwrap_err().problem();
            assert_eq!((problem.status, problem.code.as_str()), (400, code), "{document}");
            assert_eq!(problem.details["field"], field, "{document}");
        }
    }
}
