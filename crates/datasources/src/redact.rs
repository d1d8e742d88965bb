//! A record's configuration as it may be shown.

use crate::{Address, ClientRecord, address::is_secret};
use serde_json::{Map, Value};

/// What stands where a secret is.
pub const REDACTED: &str = "***";

/// A configuration without its secrets, and where they were.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub config: Map<String, Value>,
    pub redacted: Vec<String>,
}

impl Shown {
    pub fn of(record: &ClientRecord) -> Self {
        let mut shown = Self { config: record.config.clone(), redacted: Vec::new() };
        for (name, value) in &mut shown.config {
            if let Some(instead) = redacted(name, value) {
                *value = instead;
                shown.redacted.push(name.clone());
            }
        }
        shown
    }
}

/// What to show in place of a value that holds a secret; `None` when it holds none.
fn redacted(name: &str, value: &Value) -> Option<Value> {
    if is_secret(name) {
        return Some(REDACTED.into());
    }
    match value {
        Value::String(text) if text.contains("://") => match Address::split(text) {
            Ok((_, None)) => None,
            Ok((address, Some(_))) => Some(address.redacted().into()),
            // What cannot be read may hold anything.
            Err(_) => Some(REDACTED.into()),
        },
        Value::Object(members) => {
            let mut members = members.clone();
            let mut found = false;
            for (name, value) in &mut members {
                if let Some(instead) = redacted(name, value) {
                    *value = instead;
                    found = true;
                }
            }
            found.then(|| Value::Object(members))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    }
}
