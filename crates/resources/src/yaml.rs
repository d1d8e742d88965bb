//! `resources.yaml`: read whole, every mistake reported with its line.

mod node;
mod route;

use crate::{problem::ConfigProblem, route::ResourceRoute};
use api_types::ClientName;
use indexmap::IndexMap;
use node::{Fields, Node};
use std::path::{Path, PathBuf};

/// More than this is not written by hand.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The routes people wrote, and what was wrong with the rest of the file.
///
/// `resources:` holds routes for every client, `clients: {name: …}` those of one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ResourcesConfig {
    shared: IndexMap<String, ResourceRoute>,
    by_client: IndexMap<ClientName, IndexMap<String, ResourceRoute>>,
    /// Keys that are unknown, values of the wrong kind.
    pub problems: Vec<ConfigProblem>,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path} cannot be read: {source}", path = .path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path} is {bytes} bytes long; it may have {limit}", path = .path.display())]
    TooLarge { path: PathBuf, bytes: u64, limit: u64 },
    #[error("the file is not YAML: {source}")]
    NotYaml { source: Box<serde_saphyr::Error> },
}

impl ResourcesConfig {
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), source };
        let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
        if bytes > MAX_BYTES {
            return Err(ConfigError::TooLarge { path: path.to_owned(), bytes, limit: MAX_BYTES });
        }
        Self::parse(&std::fs::read_to_string(path).map_err(unreadable)?)
    }

    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let root: Node = node::parse(text)
            .map_err(|source| ConfigError::NotYaml { source: Box::new(source) })?;
        let mut config = Self::default();
        let mut problems = Vec::new();
        let Some(mut top) = Fields::of(&root, "the file", &mut problems) else {
            config.problems = problems;
            return Ok(config);
        };
        if let Some(node) = top.take("resources") {
            config.shared = route::routes(node, &mut problems);
        }
        if let Some(node) = top.take("clients") {
            config.by_client = clients(node, &mut problems);
        }
        top.finish(&["resources", "clients"], &mut problems);
        config.problems = problems;
        Ok(config)
    }

    /// Add a route made in Rust.
    #[must_use]
    pub fn with(mut self, name: &str, route: ResourceRoute) -> Self {
        self.shared.insert(name.to_owned(), route);
        self
    }

    /// The routes of one client; its own win over the shared ones.
    pub fn routes_of(&self, client: &ClientName) -> IndexMap<&str, &ResourceRoute> {
        let own = self.by_client.get(client).into_iter().flatten();
        self.shared.iter().chain(own).map(|(name, route)| (name.as_str(), route)).collect()
    }

    /// The clients that have routes of their own.
    pub fn clients(&self) -> impl Iterator<Item = &ClientName> {
        self.by_client.keys()
    }
}

fn clients(
    node: &Node,
    problems: &mut Vec<ConfigProblem>,
) -> IndexMap<ClientName, IndexMap<String, ResourceRoute>> {
    let mut found = IndexMap::new();
    for (name, node) in node.entries("clients", problems) {
        match ClientName::parse(&name.text) {
            Ok(client) => {
                found.insert(client, route::routes(node, problems));
            }
            Err(error) => problems
                .push(ConfigProblem::new(format!("{:?}: {error}", name.text)).at(name.place)),
        }
    }
    found
}
