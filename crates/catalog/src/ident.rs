//! Names of things in a database. Only these are ever quoted into a statement.

use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// An identifier: not empty, no NUL, at most 63 bytes, otherwise anything PostgreSQL can store.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ident(Arc<str>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentError {
    #[error("a name is empty")]
    Empty,
    #[error("the name {0:?} holds a NUL character")]
    Nul(String),
    #[error("the name {0:?} is longer than 63 bytes")]
    TooLong(String),
}

impl Ident {
    /// PostgreSQL's `NAMEDATALEN - 1`.
    pub const MAX_BYTES: usize = 63;

    pub fn parse(text: &str) -> Result<Self, IdentError> {
        if text.is_empty() {
            return Err(IdentError::Empty);
        }
        if text.contains('\0') {
            return Err(IdentError::Nul(text.chars().take(64).collect()));
        }
        if text.len() > Self::MAX_BYTES {
            return Err(IdentError::TooLong(text.chars().take(80).collect()));
        }
        Ok(Self(Arc::from(text)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text without a copy.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for Ident {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Ident {
    type Error = IdentError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Ident> for String {
    fn from(ident: Ident) -> Self {
        ident.0.as_ref().to_owned()
    }
}

/// A schema and a name in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct QualifiedName {
    pub schema: Ident,
    pub name: Ident,
}

impl QualifiedName {
    pub fn new(schema: Ident, name: Ident) -> Self {
        Self { schema, name }
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_refused_or_kept_whole() {
        assert_eq!(Ident::parse(""), Err(IdentError::Empty));
        assert!(matches!(Ident::parse("a\0b"), Err(IdentError::Nul(_))));
        assert!(matches!(Ident::parse(&"x".repeat(64)), Err(IdentError::TooLong(_))));
        assert!(matches!(Ident::parse(&"é".repeat(32)), Err(IdentError::TooLong(_))));
        for name in ["Odd Table", "a\"b", "名前", "x'; drop table y; --", &"x".repeat(63)] {
            assert_eq!(Ident::parse(name).unwrap().as_str(), name);
        }
    }
}
