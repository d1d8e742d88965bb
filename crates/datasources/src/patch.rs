//! From what somebody sent to a record: a new one, or a change of one.

use crate::{
    ClientRecord, Driver, External, Invalid, Origin, PoolSettings, SchemaMode, Shown, Ssl,
    form::{Field, Form, Shape},
    name::check_name,
    settings::{EXTERNAL, SSL, read},
};
use api_types::ClientName;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// Which parts of a record a change is about. It is judged on these alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Touched {
    /// Whether the pool must be built anew.
    pub connection: bool,
    pub active: bool,
    pub schema: bool,
}

/// A change of a record: RFC 7396, member by member.
pub struct Patch(pub Map<String, Value>);

const OBJECT: Form = Form { fields: &[], misplaced: &[] };

/// The members of a record that callers may send; what each holds is judged where it is read.
static RECORD: Form = Form {
    fields: &[
        Field::new("name", Shape::Text, "Name"),
        Field::new("label", Shape::Text, "Label"),
        Field::new("driver", Shape::Text, "Driver"),
        Field::new("schemaMode", Shape::OneOf(&["managed", "external", "validate-only"]), "Owner"),
        Field::new("config", Shape::Object(&OBJECT), "Configuration"),
        Field::new("pool", Shape::Object(&OBJECT), "Pool"),
        Field::new("ssl", Shape::Object(&OBJECT), "TLS"),
        Field::new("external", Shape::Object(&OBJECT), "External"),
        Field::new("active", Shape::Flag, "Active"),
    ],
    misplaced: &[
        ("url", "put it into config"),
        ("uri", "put it into config, as url"),
        ("host", "put it into config"),
        ("hosts", "put it into config"),
        ("port", "put it into config"),
        ("database", "put it into config"),
        ("username", "put it into config"),
        ("user", "put it into config, as username"),
        ("filename", "put it into config"),
        ("keyspace", "put it into config"),
        ("schema", "put it into config"),
        ("password", "send it as secret"),
        ("pass", "send it as secret"),
        ("credentials", "send them as secret"),
        ("credentialsref", "the server sets it; send a secret"),
        ("readonly", "say allowWrites: false in external"),
        ("allowwrites", "put it into external"),
        ("allowedschemas", "put it into external"),
        ("querytimeoutms", "put it into external"),
        ("validation", "put it into external"),
        ("max", "put it into pool"),
        ("min", "put it into pool"),
        ("frozen", "use the route that freezes"),
        ("origin", "the server sets it"),
        ("version", "the server sets it; send If-Match"),
        ("status", "the server sets it"),
    ],
};

/// Members of what is shown that move by themselves, so that they may be sent back as they were.
const MOVING: [&str; 5] = ["status", "statusReason", "latencyMs", "checkedAt", "updatedAt"];

impl ClientRecord {
    /// A new client. Judged in the order in which people should put it right.
    pub fn create(body: &Map<String, Value>, reserved: &[ClientName]) -> Result<Self, Invalid> {
        Self::drafted(body, |wrong| match body.get("name") {
            None => {
                wrong.add("name", "is required");
                None
            }
            Some(Value::String(text)) => {
                check_name(text, reserved).map_err(|refused| wrong.add_all(refused)).ok()
            }
            Some(_) => {
                wrong.add("name", "must be a text");
                None
            }
        })
    }

    /// A client that is only to be tried; it needs no name.
    pub fn draft(body: &Map<String, Value>, stand_in: &ClientName) -> Result<Self, Invalid> {
        Self::drafted(body, |_| Some(stand_in.clone()))
    }

    fn drafted(
        body: &Map<String, Value>,
        name: impl FnOnce(&mut Invalid) -> Option<ClientName>,
    ) -> Result<Self, Invalid> {
        let mut wrong = Invalid::default();
        let name = name(&mut wrong);
        known_members(body, &mut wrong);
        let driver = driver(body, &mut wrong);
        let (Some(name), Some(driver)) = (name, driver) else { return Err(wrong) };
        let mut record = Self::new(name, driver, Origin::Runtime);
        record.apply(body, &mut wrong);
        record.check_connection(&mut wrong);
        record.check_schema_mode(body, &mut wrong);
        wrong.or(record)
    }

    /// This record after a change, and what of it the change is about.
    pub fn patched(&self, patch: &Patch, shown: &Value) -> Result<(Self, Touched), Invalid> {
        let mut wrong = Invalid::default();
        let patch = self.without_echoes(&patch.0, shown, &mut wrong);
        known_members(&patch, &mut wrong);
        let mut record = self.clone();
        let has = |name: &str| patch.contains_key(name);
        if has("driver") {
            match driver(&patch, &mut wrong) {
                Some(driver) => record.driver = driver,
                None => return Err(wrong),
            }
        }
        let touched = Touched {
            connection: ["driver", "config", "pool", "ssl", "external"].into_iter().any(has),
            active: has("active"),
            schema: ["schemaMode", "external"].into_iter().any(has),
        };
        record.apply(&patch, &mut wrong);
        if has("driver") || has("config") {
            record.check_connection(&mut wrong);
        } else if has("pool") {
            record.check_pool(&mut wrong);
        }
        if touched.schema {
            record.check_schema_mode(&patch, &mut wrong);
        }
        wrong.or((record, touched))
    }

    /// Take over the members that are there; null takes one away.
    fn apply(&mut self, body: &Map<String, Value>, wrong: &mut Invalid) {
        if let Some(label) = body.get("label") {
            self.label = label_of(label, wrong);
        }
        match body.get("active") {
            None => {}
            Some(Value::Bool(active)) => self.active = *active,
            Some(_) => wrong.add("active", "must be true or false"),
        }
        match body.get("schemaMode").map(|mode| mode.as_str().and_then(SchemaMode::parse)) {
            None => {}
            Some(Some(mode)) => self.schema_mode = mode,
            Some(None) => wrong.add("schemaMode", "must be managed, external or validate-only"),
        }
        match body.get("config") {
            None => {}
            Some(Value::Object(config)) => {
                merge(&mut self.config, config);
                // Where it leads stands in one place.
                self.uri_variable = None;
            }
            Some(_) => wrong.add("config", "must be an object"),
        }
        if let Some(value) = body.get("pool") {
            let form = self.driver.pool_form();
            match form {
                Some(form) => self.pool = merged(form, "pool", &self.pool, value, wrong),
                None if value.is_null() => self.pool = None,
                None => wrong.add("pool", format!("{} has no pool; leave it out", self.driver)),
            }
        }
        if let Some(value) = body.get("ssl") {
            self.ssl = merged::<Ssl>(&SSL, "ssl", &self.ssl, value, wrong);
        }
        if let Some(value) = body.get("external") {
            self.external = merged::<External>(&EXTERNAL, "external", &self.external, value, wrong);
        }
    }

    fn check_connection(&self, wrong: &mut Invalid) {
        self.driver.check(&self.config, wrong);
        self.check_pool(wrong);
    }

    fn check_pool(&self, wrong: &mut Invalid) {
        if self.pool.is_some() && !self.driver.has_pool() {
            wrong.add("pool", format!("{} has no pool; leave it out", self.driver));
        }
        if let Some(PoolSettings { min: Some(min), max: Some(max), .. }) = self.pool
            && min > max
        {
            wrong.add("pool.min", "must not be above max");
        }
    }

    fn check_schema_mode(&self, body: &Map<String, Value>, wrong: &mut Invalid) {
        // A block that was sent and cannot be read was complained about already.
        if body.get("external").is_some_and(|sent| !sent.is_null()) && self.external.is_none() {
            return;
        }
        match (self.schema_mode, &self.external) {
            (SchemaMode::Managed, Some(_)) => wrong.add(
                "external",
                "is for clients whose schemaMode is external or validate-only; leave it out or send null",
            ),
            (SchemaMode::External | SchemaMode::ValidateOnly, None) => {
                let mode = self.schema_mode.as_str();
                wrong.add("external", format!("is required when schemaMode is {mode}"));
            }
            _ => {}
        }
    }

    /// The patch without what was only sent back as it was shown. What the server sets may not differ.
    fn without_echoes(
        &self,
        patch: &Map<String, Value>,
        shown: &Value,
        wrong: &mut Invalid,
    ) -> Map<String, Value> {
        let mut left = Map::new();
        for (name, value) in patch {
            let is_ours = name == "name" || RECORD.fields.iter().all(|field| field.name != name);
            let echoed = shown.get(name);
            match echoed {
                Some(_) if is_ours && MOVING.contains(&name.as_str()) => {}
                // What stays as it is, is not touched.
                Some(echoed) if echoed == value => {}
                Some(_) if is_ours => wrong.add(name.as_str(), "is set by the server"),
                _ => {
                    left.insert(name.clone(), value.clone());
                }
            }
        }
        if let Some(Value::Object(config)) = left.get_mut("config") {
            let shown = Shown::of(self);
            // Stars that come back stand for what is stored.
            config.retain(|name, value| {
                !(shown.redacted.contains(name) && shown.config.get(name) == Some(&*value))
            });
            if config.is_empty() {
                left.remove("config");
            }
        }
        left
    }
}

fn known_members(body: &Map<String, Value>, wrong: &mut Invalid) {
    for name in body.keys() {
        if RECORD.fields.iter().all(|field| field.name != name) {
            wrong.add(name.as_str(), RECORD.unknown(name));
        }
    }
}

fn driver(body: &Map<String, Value>, wrong: &mut Invalid) -> Option<Driver> {
    match body.get("driver") {
        Some(Value::String(text)) if !text.trim().is_empty() => Some(Driver::parse(text)),
        None => {
            wrong.add("driver", "is required");
            None
        }
        Some(_) => {
            wrong.add("driver", "must be the name of a driver");
            None
        }
    }
}

fn label_of(value: &Value, wrong: &mut Invalid) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.len() <= 200 && !text.contains(char::is_control) => {
            Some(text.clone()).filter(|text| !text.trim().is_empty())
        }
        _ => {
            wrong.add("label", "must be a text of at most 200 bytes");
            None
        }
    }
}

/// RFC 7396.
fn merge(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, value) in patch {
        match (target.get_mut(name), value) {
            (_, Value::Null) => {
                target.shift_remove(name);
            }
            (Some(Value::Object(inner)), Value::Object(patch)) => merge(inner, patch),
            _ => {
                target.insert(name.clone(), value.clone());
            }
        }
    }
}

fn merged<T: Serialize + DeserializeOwned + Clone>(
    form: &Form,
    path: &str,
    current: &Option<T>,
    value: &Value,
    wrong: &mut Invalid,
) -> Option<T> {
    match value {
        Value::Null => None,
        Value::Object(patch) => {
            let before = current.as_ref().and_then(|current| serde_json::to_value(current).ok());
            let mut whole = match before {
                Some(Value::Object(before)) => before,
                _ => Map::new(),
            };
            merge(&mut whole, patch);
            read(form, path, &Value::Object(whole), wrong)
        }
        _ => {
            wrong.add(path, "must be an object");
            current.clone()
        }
    }
}

#[cfg(test)]
mod tests;
