//! `--name value` pairs, and nothing else.

use anyhow::{Context, bail};
use std::{collections::HashMap, str::FromStr};

/// What was given on the command line.
pub struct Arguments(HashMap<String, String>);

impl Arguments {
    /// Only these names are accepted.
    pub fn read(known: &[&str]) -> anyhow::Result<Self> {
        let mut found = HashMap::new();
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let name = word.strip_prefix("--").filter(|name| known.contains(name));
            let Some(name) = name else { bail!("unknown argument {word:?}; known: {known:?}") };
            let value = words.next().with_context(|| format!("--{name} needs a value"))?;
            found.insert(name.to_owned(), value);
        }
        Ok(Self(found))
    }

    pub fn required(&self, name: &str) -> anyhow::Result<&str> {
        self.0.get(name).map(String::as_str).with_context(|| format!("--{name} is missing"))
    }

    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub fn required_number<T: FromStr>(&self, name: &str) -> anyhow::Result<T> {
        self.required(name)?.parse().ok().with_context(|| format!("--{name} is not a number"))
    }

    /// Numbers with commas between them.
    pub fn numbers<T: FromStr>(&self, name: &str) -> anyhow::Result<Vec<T>> {
        let parsed = self.required(name)?.split(',').map(|word| word.parse().ok());
        parsed.collect::<Option<_>>().with_context(|| format!("--{name} is not a list of numbers"))
    }

    pub fn number<T: FromStr>(&self, name: &str, default: T) -> anyhow::Result<T> {
        match self.0.get(name) {
            Some(text) => text.parse().ok().with_context(|| format!("--{name} is not a number")),
            None => Ok(default),
        }
    }
}
