//! New databases on a client's server: with a user of their own, our tables and a name, where wanted.

mod wanted;

use super::{ManagementError, Manager, body::object, provision::migrate};
use crate::{
    Gateway,
    error::GatewayError,
    registry::{ClientInfo, State, Upstream},
};
use api_types::ClientName;
use auth::Permit;
use backend::{Inspection, Sibling};
use catalog::Ident;
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use wanted::{Owner, RoleMade, Wanted};

const RIGHT: &[&str] = &["management.provision.write"];
const LOOK: Duration = Duration::from_secs(3);
const AT_ONCE: usize = 16;

#[derive(Debug, Clone, Serialize)]
pub struct LocalDatabases {
    client_name: String,
    all_databases: Vec<String>,
    athena_managed_databases: Vec<LocalDatabase>,
}

#[derive(Debug, Clone, Serialize)]
pub struct LocalDatabase {
    client_name: String,
    database_name: String,
}

/// What became of each part of a new database. It may show a password, this once.
#[derive(Serialize)]
pub struct DatabaseMade {
    server_client_name: String,
    database_name: String,
    created: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<RoleMade>,
    statements: Vec<String>,
    pipeline: Pipeline,
}

#[derive(Debug, Clone, Serialize)]
struct Pipeline {
    provision_schema: bool,
    statements_executed: usize,
    /// It answers under the name from now on, on this node, until it is started again.
    register_runtime: bool,
    register_catalog: bool,
    register_name: Option<String>,
    /// What was asked for and did not come about, with the reason.
    failures: Map<String, Value>,
}

impl Gateway {
    /// Every database of the client's server, and which of them clients lead to.
    pub async fn local_databases(&self, manager: &Manager) -> Result<LocalDatabases, GatewayError> {
        let found = self.look(manager, RIGHT, Inspection::Databases).await?;
        let named: Vec<(i64, String)> = found
            .iter()
            .filter_map(|one| Some((one["oid"].as_i64()?, one["name"].as_str()?.to_owned())))
            .collect();
        let own = manager.upstream.backend().whereabouts().await;
        let own = own.map_err(|source| GatewayError::Backend { source, operation: None })?;
        let mut managed = Vec::new();
        if let Some(own) = own {
            let all = stream::iter(self.registry().upstreams()).map(located);
            let all: Vec<_> = all.buffer_unordered(AT_ONCE).collect().await;
            for (upstream, place) in all.into_iter().filter(|(one, _)| sees(manager, one)) {
                let Some(place) = place.filter(|place| place.system == own.system) else {
                    continue;
                };
                let Some((_, name)) = named.iter().find(|(oid, _)| *oid == place.database) else {
                    continue;
                };
                managed.push(LocalDatabase {
                    client_name: upstream.name().to_string(),
                    database_name: name.clone(),
                });
            }
        }
        managed.sort_by(|a, b| a.client_name.cmp(&b.client_name));
        Ok(LocalDatabases {
            client_name: manager.client().to_string(),
            all_databases: named.into_iter().map(|(_, name)| name).collect(),
            athena_managed_databases: managed,
        })
    }

    /// A new database on the client's server; our tables in it and a name for it, where wanted.
    pub async fn create_local_database(
        &self,
        manager: &Manager,
        body: Value,
    ) -> Result<DatabaseMade, GatewayError> {
        let permit = self.demand(manager, RIGHT).await?;
        let mut body = object(body)?;
        let mut wanted = Wanted::take(&mut body)?;
        let owner = wanted.role.take().map(|role| role.owner(&mut body)).transpose()?;
        let request = ddl::create_database(Value::Object(body)).map_err(ManagementError::from)?;
        super::ensure_managed(&manager.upstream)?;
        let database = request.change.name.clone();
        let name = self.new_name(manager, &wanted, &database)?;
        let role = owner
            .as_ref()
            .map(|owner| ddl::create_role(&owner.name, &auth::scram_verifier(&owner.password)));
        let mut statements = role.as_ref().map(ddl::Change::sql).unwrap_or_default();
        statements.extend(request.change.sql());
        let mut made = DatabaseMade {
            server_client_name: manager.client().to_string(),
            database_name: database.to_string(),
            created: false,
            role: None,
            statements,
            pipeline: Pipeline::default(),
        };
        if request.dry_run {
            made.role = owner.map(|owner| owner.shown(true));
            return Ok(made);
        }
        let (gateway, manager) = (self.clone(), manager.clone());
        // Goes on when the caller leaves: else a role might be left without its database.
        let work = tokio::spawn(async move {
            gateway.make_both(&manager, permit, role, request.change).await?;
            made.created = true;
            let place = (&database, owner.as_ref());
            made.pipeline = gateway.follow_up(&manager, wanted, place, name).await;
            made.role = owner.map(|owner| owner.shown(false));
            Ok(made)
        });
        work.await.map_err(|_panicked| GatewayError::Abandoned)?
    }

    /// The role first; without its database it goes again.
    async fn make_both(
        &self,
        manager: &Manager,
        permit: Permit,
        role: Option<ddl::Change>,
        database: ddl::Change,
    ) -> Result<(), GatewayError> {
        let Some(role) = role else {
            return self.make(manager.clone(), permit, database).await.map(drop);
        };
        let owner = role.name.clone();
        self.make(manager.clone(), permit, role).await?;
        let made = self.make(manager.clone(), Permit::system(), database).await;
        if made.is_err() {
            let removal = ddl::drop_role(&owner);
            if let Err(error) = self.make(manager.clone(), Permit::system(), removal).await {
                tracing::error!(%error, role = %owner, "a role without its database is left");
            }
        }
        made.map(drop)
    }

    /// A name that nobody has; a key that is for one client may only name what begins like it.
    fn new_name(
        &self,
        manager: &Manager,
        wanted: &Wanted,
        database: &Ident,
    ) -> Result<Option<ClientName>, GatewayError> {
        if !wanted.register_runtime {
            return Ok(None);
        }
        let own = format!("{}_", manager.client());
        let typed = match &wanted.register_name {
            Some(name) => name.clone(),
            None if manager.is_bound() => format!("{own}{database}"),
            None => database.to_string(),
        };
        let field = "register_name";
        let name = ClientName::parse(&typed).map_err(|_no_name| ManagementError::Invalid {
            field,
            expected: "the name of a client",
        })?;
        if manager.is_bound() && !name.as_str().starts_with(&own) {
            let expected = "a name that begins with the client's own and _";
            return Err(ManagementError::Invalid { field, expected }.into());
        }
        let is_taken = matches!(self.registry().state(&name), Some(State::Open(_) | State::Asleep));
        if is_taken {
            return Err(ManagementError::NameTaken { name: name.to_string() }.into());
        }
        Ok(Some(name))
    }

    /// The database is there now; what else was wanted is told as it is.
    async fn follow_up(
        &self,
        manager: &Manager,
        wanted: Wanted,
        (database, owner): (&Ident, Option<&Owner>),
        name: Option<ClientName>,
    ) -> Pipeline {
        let mut pipeline = Pipeline::default();
        let mut failed = |what: &str, reason: String| {
            pipeline.failures.insert(what.to_owned(), reason.into());
        };
        if wanted.register_catalog == Some(true) {
            failed(
                "register_catalog",
                "a database is not kept in the catalogue of clients from here".to_owned(),
            );
        }
        let sibling = match manager.upstream.backend().sibling(Sibling {
            database,
            login: owner.map(|owner| (&owner.name, owner.password.as_str())),
        }) {
            Ok(sibling) => sibling,
            Err(error) => {
                failed("provision_schema", error.to_string());
                return pipeline;
            }
        };
        if wanted.provision_schema {
            match migrate(&*sibling).await {
                Ok(applied) => {
                    pipeline.provision_schema = true;
                    pipeline.statements_executed = applied.len();
                }
                Err(error) => failed("provision_schema", error.problem().message),
            }
        }
        match name {
            Some(name) => {
                pipeline.register_name = Some(name.to_string());
                let info = ClientInfo {
                    environment: manager.upstream.info().environment.clone(),
                    ..ClientInfo::default()
                };
                self.registry().add(name, sibling, info);
                pipeline.register_runtime = true;
            }
            None => sibling.close().await,
        }
        pipeline
    }
}

impl DatabaseMade {
    pub fn was_created(&self) -> bool {
        self.created
    }
}

impl Default for Pipeline {
    fn default() -> Self {
        Self {
            provision_schema: false,
            statements_executed: 0,
            register_runtime: false,
            register_catalog: false,
            register_name: None,
            failures: Map::new(),
        }
    }
}

/// A tenant is told of no other.
fn sees(manager: &Manager, upstream: &Upstream) -> bool {
    let (own, name) = (manager.client().as_str(), upstream.name().as_str());
    let is_below = |name: &str| name.strip_prefix(own).is_some_and(|rest| rest.starts_with('_'));
    !manager.is_bound() || name == own || is_below(name)
}

async fn located(upstream: Arc<Upstream>) -> (Arc<Upstream>, Option<backend::Whereabouts>) {
    let asked = timeout(LOOK, upstream.backend().whereabouts()).await;
    let place = asked.ok().and_then(Result::ok).flatten();
    (upstream, place)
}
