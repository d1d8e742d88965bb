//! Names that callers type: a client, and the key of one record in a URL.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};

/// The name of a client as callers address it: trimmed, compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientName(Arc<str>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientNameError {
    #[error("a client name is empty")]
    Empty,
    #[error("a client name has at most 128 characters")]
    TooLong,
    #[error("a client name holds letters, digits, '.', '-' and '_' only")]
    Character,
}

impl ClientName {
    pub fn parse(text: &str) -> Result<Self, ClientNameError> {
        let name = text.trim();
        if name.is_empty() {
            return Err(ClientNameError::Empty);
        }
        if name.len() > 128 {
            return Err(ClientNameError::TooLong);
        }
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')) {
            return Err(ClientNameError::Character);
        }
        Ok(Self(name.to_ascii_lowercase().into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ClientName {
    type Error = ClientNameError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<ClientName> for String {
    fn from(name: ClientName) -> Self {
        name.0.as_ref().to_owned()
    }
}

impl FromStr for ClientName {
    type Err = ClientNameError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// The values of a record's key columns, in key order.
///
/// Its text form stands in URLs: parts joined by `~.`, where `~` itself is `~0` and `/` is `~1`,
/// and an empty part is `~2`, so that every key fits in one path segment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RecordKey(Vec<String>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a record key is parts joined by '~.', with '~0', '~1' and '~2' as the only escapes")]
pub struct RecordKeyError;

impl RecordKey {
    pub fn new(parts: Vec<String>) -> Self {
        Self(parts)
    }

    pub fn parts(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("~.")?;
            }
            if part.is_empty() {
                f.write_str("~2")?;
            }
            f.write_str(&part.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

impl FromStr for RecordKey {
    type Err = RecordKeyError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = vec![String::new()];
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c != '~' {
                parts.last_mut().ok_or(RecordKeyError)?.push(c);
                continue;
            }
            match chars.next() {
                Some('.') => parts.push(String::new()),
                Some('0') => parts.last_mut().ok_or(RecordKeyError)?.push('~'),
                Some('1') => parts.last_mut().ok_or(RecordKeyError)?.push('/'),
                Some('2') => {}
                _ => return Err(RecordKeyError),
            }
        }
        Ok(Self(parts))
    }
}

impl TryFrom<String> for RecordKey {
    type Error = RecordKeyError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<RecordKey> for String {
    fn from(key: RecordKey) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_survives_its_text_form() {
        for parts in [vec!["7"], vec![""], vec!["a~b", "c/d"], vec!["", ""], vec!["~.", "x y", "é"]]
        {
            let key = RecordKey::new(parts.into_iter().map(str::to_owned).collect());
            assert_eq!(key.to_string().parse::<RecordKey>(), Ok(key));
        }
    }

    #[test]
    fn a_broken_escape_is_refused() {
        assert_eq!("a~9".parse::<RecordKey>(), Err(RecordKeyError));
        assert_eq!("a~".parse::<RecordKey>(), Err(RecordKeyError));
    }

    #[test]
    fn client_names_are_trimmed_and_folded() {
        assert_eq!(ClientName::parse(" Demo ").unwrap().as_str(), "demo");
        assert_eq!(ClientName::parse("  "), Err(ClientNameError::Empty));
        assert_eq!(ClientName::parse("a b"), Err(ClientNameError::Character));
    }
}
