//! A JSON object's members, taken one by one under each of their spellings.

use super::error::RequestError;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::{collections::HashSet, fmt};

pub(super) struct Fields {
    /// So few, once the unknown ones are refused, that a list is faster than a map.
    members: Vec<(String, Value)>,
    /// Stands before a member's name in error texts: empty, or `conditions[2].`.
    prefix: String,
}

impl Fields {
    /// The body itself. A null member counts as not sent.
    pub(super) fn of_body(body: &[u8]) -> Result<Self, RequestError> {
        // Numbers look like objects to a visitor, so the first letter decides.
        if body.trim_ascii_start().first() != Some(&b'{') {
            serde_json::from_slice::<IgnoredAny>(body).map_err(RequestError::InvalidJson)?;
            return Err(RequestError::NotAnObject);
        }
        let mut json = serde_json::Deserializer::from_slice(body);
        let object = json.deserialize_map(Object).map_err(RequestError::InvalidJson)?;
        json.end().map_err(RequestError::InvalidJson)?;
        let mut members = object.map_err(|field| RequestError::RepeatedField { field })?;
        members.retain(|(_, value)| !value.is_null());
        Ok(Self { members, prefix: String::new() })
    }

    /// An object inside the body, where null is a value.
    pub(super) fn of(members: Map<String, Value>, path: &str) -> Self {
        Self { members: members.into_iter().collect(), prefix: format!("{path}.") }
    }

    /// An object inside the body, where a null member counts as not sent.
    pub(super) fn of_present(mut members: Map<String, Value>, path: &str) -> Self {
        members.retain(|_, value| !value.is_null());
        Self::of(members, path)
    }

    /// The member under any of its spellings; two spellings must agree.
    pub(super) fn take(&mut self, names: &[&'static str]) -> Result<Option<Value>, RequestError> {
        let mut found: Option<(&str, Value)> = None;
        for name in names {
            let Some(at) = self.members.iter().position(|(member, _)| member == name) else {
                continue;
            };
            let (_, value) = self.members.swap_remove(at);
            match &found {
                None => found = Some((name, value)),
                Some((_, first)) if *first == value => {}
                Some((first, _)) => {
                    return Err(RequestError::ConflictingFields {
                        first: self.named(first),
                        second: self.named(name),
                    });
                }
            }
        }
        Ok(found.map(|(_, value)| value))
    }

    pub(super) fn peek(&self, name: &str) -> Option<&Value> {
        self.members.iter().find(|(member, _)| member == name).map(|(_, value)| value)
    }

    pub(super) fn has(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.peek(name).is_some())
    }

    /// Names a member as error texts do.
    pub(super) fn named(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub(super) fn refuse_unknown(&self, known: &[&[&str]]) -> Result<(), RequestError> {
        let is_known = |name: &str| known.iter().any(|spellings| spellings.contains(&name));
        match self.members.iter().find(|(name, _)| !is_known(name)) {
            Some((name, _)) => Err(RequestError::UnknownField { field: self.named(name) }),
            None => Ok(()),
        }
    }

    pub(super) fn take_bool(&mut self, names: &[&'static str]) -> Result<bool, RequestError> {
        Ok(self.take_choice(names)?.unwrap_or(false))
    }

    /// `None` when it is left to others.
    pub(super) fn take_choice(
        &mut self,
        names: &[&'static str],
    ) -> Result<Option<bool>, RequestError> {
        match self.take(names)? {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(_) => Err(self.invalid(names[0], "true or false")),
        }
    }

    /// A whole number of at least zero that a database can count with.
    pub(super) fn take_count(
        &mut self,
        names: &[&'static str],
    ) -> Result<Option<u64>, RequestError> {
        let Some(value) = self.take(names)? else { return Ok(None) };
        let fits = value.as_u64().filter(|number| i64::try_from(*number).is_ok());
        fits.map(Some).ok_or_else(|| self.invalid(names[0], "a whole number of at least 0"))
    }

    pub(super) fn take_text(
        &mut self,
        names: &[&'static str],
    ) -> Result<Option<String>, RequestError> {
        match self.take(names)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.invalid(names[0], "a string")),
        }
    }

    pub(super) fn invalid(&self, name: &str, expected: &'static str) -> RequestError {
        RequestError::InvalidField { field: self.named(name), expected }
    }
}

/// The body's members, or the name of one that stands twice: the second would silently win.
struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Result<Vec<(String, Value)>, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(String, Value)> = Vec::new();
        let mut names = Names::default();
        let mut repeated = None;
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if names.repeats(&members, &name) {
                repeated.get_or_insert(name);
                continue;
            }
            members.push((name, value));
        }
        Ok(repeated.map_or(Ok(members), Err))
    }
}

/// The names seen so far, once they are too many to be looked through one by one.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    const FEW: usize = 32;

    fn repeats(&mut self, members: &[(String, Value)], name: &str) -> bool {
        if members.len() < Self::FEW {
            return members.iter().any(|(member, _)| member == name);
        }
        if self.0.is_empty() {
            self.0.extend(members.iter().map(|(member, _)| member.clone()));
        }
        !self.0.insert(name.to_owned())
    }
}
