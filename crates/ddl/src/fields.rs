//! A body's members, taken out one by one; what is left over is refused by its path.

use crate::error::{DdlError, shown};
use catalog::{Ident, QualifiedName};
use serde_json::{Map, Value};

pub(crate) struct Fields {
    at: String,
    members: Map<String, Value>,
}

/// No list of a wish is longer.
const LONGEST_LIST: usize = 1_600;

impl Fields {
    pub(crate) fn of(value: Value) -> Result<Self, DdlError> {
        match value {
            Value::Object(members) => Ok(Self { at: String::new(), members }),
            _ => Err(DdlError::NotAnObject),
        }
    }

    pub(crate) fn within(value: Value, at: String) -> Result<Self, DdlError> {
        match value {
            Value::Object(members) => Ok(Self { at, members }),
            _ => Err(DdlError::Invalid { path: at, expected: "an object" }),
        }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        match self.at.as_str() {
            "" => name.to_owned(),
            at => format!("{at}.{name}"),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(|value| !value.is_null())
    }

    /// Null is the same as nothing.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.members.shift_remove(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, DdlError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.invalid(name, "a text")),
        }
    }

    pub(crate) fn needed_text(&mut self, name: &str) -> Result<String, DdlError> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    pub(crate) fn flag(&mut self, name: &str, otherwise: bool) -> Result<bool, DdlError> {
        match self.take(name) {
            None => Ok(otherwise),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(self.invalid(name, "true or false")),
        }
    }

    pub(crate) fn ident(&mut self, name: &str) -> Result<Option<Ident>, DdlError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        ident(&text, &self.path(name)).map(Some)
    }

    pub(crate) fn needed_ident(&mut self, name: &str) -> Result<Ident, DdlError> {
        self.ident(name)?.ok_or_else(|| self.missing(name))
    }

    /// `schema_name`, which is `public` when nothing is said, and never one of the database's own.
    pub(crate) fn schema(&mut self) -> Result<Ident, DdlError> {
        let schema = match self.ident("schema_name")? {
            Some(schema) => schema,
            None => public(),
        };
        open_schema(schema, &self.path("schema_name"))
    }

    /// `schema_name` and this.
    pub(crate) fn relation(&mut self, name: &str) -> Result<QualifiedName, DdlError> {
        let schema = self.schema()?;
        Ok(QualifiedName::new(schema, self.needed_ident(name)?))
    }

    /// Each entry with its path.
    pub(crate) fn list(&mut self, name: &str) -> Result<Vec<(String, Value)>, DdlError> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => entries(items, &self.path(name)),
            Some(_) => Err(self.invalid(name, "an array")),
        }
    }

    pub(crate) fn idents(&mut self, name: &str) -> Result<Vec<Ident>, DdlError> {
        idents(self.list(name)?)
    }

    /// One of these words, in any case.
    pub(crate) fn word(
        &mut self,
        name: &str,
        words: &[&'static str],
        expected: &'static str,
    ) -> Result<Option<&'static str>, DdlError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let found = words.iter().find(|word| word.eq_ignore_ascii_case(text.trim()));
        found.copied().map(Some).ok_or_else(|| self.invalid(name, expected))
    }

    pub(crate) fn invalid(&self, name: &str, expected: &'static str) -> DdlError {
        DdlError::Invalid { path: self.path(name), expected }
    }

    pub(crate) fn missing(&self, name: &str) -> DdlError {
        DdlError::Missing { path: self.path(name) }
    }

    pub(crate) fn finish(self) -> Result<(), DdlError> {
        match self.members.keys().next() {
            None => Ok(()),
            Some(name) => Err(DdlError::UnknownField { path: shown(&self.path(name)) }),
        }
    }
}

pub(crate) fn entries(items: Vec<Value>, path: &str) -> Result<Vec<(String, Value)>, DdlError> {
    if items.len() > LONGEST_LIST {
        return Err(DdlError::TooMany { path: path.to_owned(), limit: LONGEST_LIST });
    }
    let numbered = items.into_iter().enumerate();
    Ok(numbered.map(|(index, item)| (format!("{path}[{index}]"), item)).collect())
}

pub(crate) fn idents(list: Vec<(String, Value)>) -> Result<Vec<Ident>, DdlError> {
    let one = |(path, value): (String, Value)| match value {
        Value::String(text) => ident(&text, &path),
        _ => Err(DdlError::Invalid { path, expected: "a text" }),
    };
    list.into_iter().map(one).collect()
}

pub(crate) fn ident(text: &str, path: &str) -> Result<Ident, DdlError> {
    Ident::parse(text).map_err(|source| DdlError::Name { path: path.to_owned(), source })
}

pub(crate) fn public() -> Ident {
    Ident::parse("public").expect("public is a name")
}

pub(crate) fn open_schema(schema: Ident, path: &str) -> Result<Ident, DdlError> {
    let name = schema.as_str().to_ascii_lowercase();
    if name.starts_with("pg_") || name == "information_schema" {
        let path = path.to_owned();
        return Err(DdlError::ReservedSchema { path, schema: schema.to_string() });
    }
    Ok(schema)
}
