//! The environment as the program was given it.

use std::{collections::HashMap, path::PathBuf};

/// The variables of this process, or a test's.
#[derive(Clone, Default)]
pub struct Environment {
    variables: HashMap<String, String>,
}

impl Environment {
    /// What this process was started with. Variables that are no text are not ours.
    pub fn of_process() -> Self {
        let all = std::env::vars_os();
        let texts = all.filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self { variables: texts.collect() }
    }

    pub fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        let owned = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { variables: owned.into() }
    }

    /// A variable; an empty one counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// `cargo leptos serve` and `watch` start the program without arguments, and set this.
    pub fn is_cargo_leptos(&self) -> bool {
        self.get("LEPTOS_OUTPUT_NAME").is_some()
    }

    /// A variable that a client's definition names.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }
}
