//! The resources of every client, made again whenever its schema has changed.

use super::{no_such_client, no_such_resource};
use api_types::{ClientName, Problem};
use catalog::SchemaCache;
use gateway::Gateway;
use resources::{ConfigProblem, Resource, ResourceSet, ResourcesConfig, snapshot::Snapshot};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// What people wrote about one client's tables.
pub struct Sources {
    pub snapshot: Snapshot,
    pub config: Option<ResourcesConfig>,
}

impl Sources {
    /// Nothing was written: the database speaks for itself.
    pub fn none() -> Self {
        Self { snapshot: Snapshot::empty(), config: None }
    }
}

/// One client's resources at one moment of its schema.
pub struct Shelf {
    pub schema: Arc<SchemaCache>,
    pub set: ResourceSet,
    resources: HashMap<String, Arc<Resource>>,
    problems: Vec<ConfigProblem>,
}

/// Shelves by client.
pub struct Library {
    sources: HashMap<ClientName, Sources>,
    shelves: RwLock<HashMap<ClientName, Arc<Shelf>>>,
}

impl Library {
    pub fn new(sources: HashMap<ClientName, Sources>) -> Self {
        Self { sources, shelves: RwLock::default() }
    }

    /// The client's shelf as its schema now is. Waits a moment for a client that is connecting.
    pub async fn shelf(
        &self,
        engine: &Gateway,
        client: &ClientName,
    ) -> Result<Arc<Shelf>, Problem> {
        let upstream =
            engine.upstream(client).await.map_err(|_unheard_of| no_such_client(client))?;
        let schema = upstream.schema().await.map_err(|error| error.problem())?;
        let known = self.standing(client).ok();
        if let Some(shelf) = known.as_ref().filter(|shelf| Arc::ptr_eq(&shelf.schema, &schema)) {
            return Ok(Arc::clone(shelf));
        }
        let shelf = Arc::new(self.stock(client, schema));
        if known.is_none_or(|known| known.problems != shelf.problems) {
            for problem in &shelf.problems {
                tracing::warn!(%client, "{problem}");
            }
        }
        let mut shelves = self.shelves.write().unwrap_or_else(PoisonError::into_inner);
        shelves.insert(client.clone(), Arc::clone(&shelf));
        Ok(shelf)
    }

    /// The shelf as it was last made.
    pub fn standing(&self, client: &ClientName) -> Result<Arc<Shelf>, Problem> {
        let shelves = self.shelves.read().unwrap_or_else(PoisonError::into_inner);
        shelves.get(client).map(Arc::clone).ok_or_else(|| no_such_client(client))
    }

    fn stock(&self, client: &ClientName, schema: Arc<SchemaCache>) -> Shelf {
        let empty = Snapshot::empty();
        let sources = self.sources.get(client);
        let snapshot = sources.map_or(&empty, |sources| &sources.snapshot);
        let config = sources.and_then(|sources| sources.config.as_ref());
        let (set, problems) = ResourceSet::build(client, snapshot, Some(&schema), config);
        let resources = set
            .iter()
            .map(|resource| (resource.spec.key.clone(), Arc::new(resource.clone())))
            .collect();
        Shelf { schema, set, resources, problems }
    }
}

impl Shelf {
    pub fn find(&self, client: &ClientName, key: &str) -> Result<Arc<Resource>, Problem> {
        self.resources.get(key).map(Arc::clone).ok_or_else(|| no_such_resource(client, key))
    }
}
