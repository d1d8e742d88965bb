//! The tree: lists, objects by column, and the words that join them.

use super::{Conditions, entry, invalid};
use crate::request::{Filter, error::RequestError, fields::Fields};
use serde_json::{Map, Value};

impl Conditions<'_> {
    pub(super) fn items(
        &mut self,
        items: Vec<Value>,
        path: &str,
        depth: usize,
    ) -> Result<Vec<Filter>, RequestError> {
        let item = |(at, item): (usize, Value)| {
            let path = format!("{path}[{at}]");
            match item {
                Value::Object(members) => self.item(members, &path, depth),
                _ => Err(invalid(&path, "a condition is an object")),
            }
        };
        items.into_iter().enumerate().map(item).collect()
    }

    /// One member of a list: a branch of the tree, or a condition.
    fn item(
        &mut self,
        mut members: Map<String, Value>,
        path: &str,
        depth: usize,
    ) -> Result<Filter, RequestError> {
        if is_by_columns(&members) {
            return Ok(one_or_all(self.members(members, path, depth)?));
        }
        for word in ["and", "or", "not"] {
            if let Some(value) = members.get_mut(word).filter(|value| !value.is_boolean()) {
                let value = value.take();
                return match members.keys().find(|name| *name != word) {
                    Some(other) => {
                        Err(RequestError::UnknownField { field: format!("{path}.{other}") })
                    }
                    None => self.branch(word, value, &format!("{path}.{word}"), depth),
                };
            }
        }
        self.condition(Fields::of(members, path), path)
    }

    fn branch(
        &mut self,
        word: &str,
        value: Value,
        path: &str,
        depth: usize,
    ) -> Result<Filter, RequestError> {
        let depth = self.deeper(path, depth)?;
        let filters = match value {
            Value::Array(items) => self.items(items, path, depth)?,
            Value::Object(members) if word == "not" => vec![self.inner(members, path, depth)?],
            Value::Object(members) => self.members(members, path, depth)?,
            _ => return Err(invalid(path, "an array or an object of conditions is expected")),
        };
        match (word, filters.is_empty()) {
            (_, true) => Err(invalid(path, "at least one condition is expected")),
            ("or", false) => Ok(Filter::Or(filters)),
            ("and", false) => Ok(Filter::And(filters)),
            (_, false) => Ok(Filter::Not(Box::new(one_or_all(filters)))),
        }
    }

    /// What `not` holds: a condition in its long form, or an object by columns.
    fn inner(
        &mut self,
        members: Map<String, Value>,
        path: &str,
        depth: usize,
    ) -> Result<Filter, RequestError> {
        let is_long = entry::COLUMN
            .iter()
            .chain(entry::OPERATOR)
            .any(|name| members.get(*name).is_some_and(|value| !value.is_object()));
        if is_long {
            return self.item(members, path, depth);
        }
        let filters = self.members(members, path, depth)?;
        if filters.is_empty() {
            return Err(invalid(path, "at least one condition is expected"));
        }
        Ok(one_or_all(filters))
    }

    /// `{column: value}`, `{column: {operator: value}}`, and the three words for branches.
    pub(super) fn members(
        &mut self,
        members: Map<String, Value>,
        path: &str,
        depth: usize,
    ) -> Result<Vec<Filter>, RequestError> {
        let mut filters = Vec::new();
        for (name, value) in members {
            let path = format!("{path}.{name}");
            match (name.as_str(), value) {
                ("and" | "or" | "not", value @ (Value::Array(_) | Value::Object(_))) => {
                    filters.push(self.branch(&name, value, &path, depth)?);
                }
                (column, Value::Object(operators)) => {
                    if operators.is_empty() {
                        return Err(invalid(&path, "at least one operator is expected"));
                    }
                    for (word, value) in operators {
                        filters.push(self.spoken(&path, column, &word, value)?);
                    }
                }
                (column, value) => {
                    filters.push(self.spoken(&path, column, "eq", value)?);
                }
            }
        }
        Ok(filters)
    }
}

/// `{column: {operator: value}}` and branches; a condition in its long form has texts in it.
fn is_by_columns(members: &Map<String, Value>) -> bool {
    let is_branch = |name: &str| matches!(name, "and" | "or" | "not");
    let fits = |(name, value): (&String, &Value)| {
        value.is_object() || (value.is_array() && is_branch(name))
    };
    !members.is_empty() && members.iter().all(fits)
}

fn one_or_all(mut filters: Vec<Filter>) -> Filter {
    match filters.pop() {
        Some(only) if filters.is_empty() => only,
        Some(last) => {
            filters.push(last);
            Filter::And(filters)
        }
        None => Filter::All,
    }
}
