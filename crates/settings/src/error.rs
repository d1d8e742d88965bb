//! What is wrong with the settings, and where. No value is ever quoted: it may be a secret.

use std::{
    fmt,
    path::{Path, PathBuf},
};

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("the configuration {} cannot be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("the configuration {} is {bytes} bytes long; it may have {limit}", path.display())]
    TooLarge { path: PathBuf, bytes: u64, limit: u64 },
    #[error("{place} cannot be used:{}", listed(mistakes))]
    Wrong { place: String, mistakes: Vec<Mistake> },
}

fn listed(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(|mistake| format!("\n  {mistake}")).collect()
}

/// One thing a person should put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Line and column in the file, from 1; `None` when the file is not at fault.
    pub place: Option<(u32, u32)>,
    pub message: String,
}

impl Mistake {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { place: None, message: message.into() }
    }

    pub(crate) fn at(mut self, place: Option<(u32, u32)>) -> Self {
        self.place = place;
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl crate::Source {
    pub(crate) fn refuse(&self, mistakes: Vec<Mistake>) -> SettingsError {
        let place = match self {
            Self::File(path) => named(path),
            Self::BuiltIn => "the configuration".to_owned(),
        };
        SettingsError::Wrong { place, mistakes }
    }
}

fn named(path: &Path) -> String {
    format!("the configuration {}", path.display())
}

/// The known name that was probably meant: at most two letters away.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let close = known.iter().map(|known| (distance(name, known), *known));
    close.filter(|(steps, _)| *steps <= 2).min_by_key(|(steps, _)| *steps).map(|(_, name)| name)
}

/// Letters to change, add or drop to get from one text to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
