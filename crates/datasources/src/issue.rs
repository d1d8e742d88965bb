//! What is wrong with a record, and where. No value is ever repeated: it may be a secret.

use std::fmt;

/// One thing to put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Where it stands: `config.host`, `external.validation.onMismatch`.
    pub path: String,
    pub message: String,
}

/// Everything that is wrong, told at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
pub struct Invalid {
    pub issues: Vec<Issue>,
}

impl Invalid {
    pub fn at(path: impl Into<String>, message: impl Into<String>) -> Self {
        let mut one = Self::default();
        one.add(path, message);
        one
    }

    pub fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        let path: String = path.into();
        let path = path.chars().filter(|c| !c.is_control()).take(128).collect();
        self.issues.push(Issue { path, message: message.into() });
    }

    pub fn add_all(&mut self, other: Self) {
        self.issues.extend(other.issues);
    }

    /// The value, unless something is wrong.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.issues.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.issues.iter().map(|issue| format!("{} {}", issue.path, issue.message));
        f.write_str(&told.collect::<Vec<_>>().join("; "))
    }
}
