//! Our tables in a client's database, and new databases on its server.

use super::{ManagementError, Manager};
use crate::{
    Gateway,
    access::Operator,
    admin::audit::Deed,
    error::GatewayError,
    ids::Trace,
    registry::{ClientInfo, Upstream},
};
use api_types::ClientName;
use auth::Permit;
use backend::{Backend, BackendError, Inspection, Migrated, Migration};
use catalog::Ident;
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};
use store::Store;
use tokio::time::timeout;

const RIGHT: &[&str] = &["management.provision.write"];
const LOOK: Duration = Duration::from_secs(3);
const AT_ONCE: usize = 16;

/// Where our tables are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProvisionWanted {
    Client(String),
    /// An address with its password; it is in no answer and in no log.
    Address(Address),
}

/// It cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(String);

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(…)")
    }
}

#[derive(Debug, Clone, Serialize)]
pub struct Provisioned {
    /// Steps that were taken; none when they all were before.
    statements_executed: usize,
    applied_versions: Vec<i64>,
    schema_version: Option<i64>,
    client: Option<String>,
    /// The name it can be addressed by now.
    registered: Option<String>,
    tables: Vec<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
pub struct ProvisionStatus {
    client_name: String,
    requested_client_name: String,
    provisioned: bool,
    present_tables: Vec<&'static str>,
    missing_tables: Vec<&'static str>,
}

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

/// What became of each part of a new database.
#[derive(Debug, Clone, Serialize)]
pub struct DatabaseMade {
    server_client_name: String,
    database_name: String,
    created: bool,
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

/// What is wanted of a new database beside itself.
struct Wanted {
    provision_schema: bool,
    register_runtime: bool,
    register_catalog: Option<bool>,
    register_name: Option<String>,
}

impl ProvisionWanted {
    /// `{uri | client_name, register?, register_name?}`
    pub fn read(body: Value) -> Result<Self, ManagementError> {
        let mut body = object(body)?;
        let uri = text(&mut body, "uri")?;
        let client = text(&mut body, "client_name")?;
        let register = flag(&mut body, "register")?.unwrap_or_default();
        let name = text(&mut body, "register_name")?;
        finish(body)?;
        if register || name.is_some() {
            return Err(ManagementError::NotBuilt {
                what: "registering a database by its address",
            });
        }
        match (uri, client) {
            (Some(uri), None) => Ok(Self::Address(Address(uri))),
            (None, Some(client)) => Ok(Self::Client(client)),
            _ => Err(ManagementError::OneOf { first: "uri", second: "client_name" }),
        }
    }
}

impl Gateway {
    /// Make our tables, or bring them up to date.
    pub async fn provision(
        &self,
        operator: &Operator,
        wanted: ProvisionWanted,
    ) -> Result<Provisioned, GatewayError> {
        let (client, applied) = match wanted {
            ProvisionWanted::Client(name) => {
                let upstream = self.server(operator, &name)?;
                self.refuse_own_store(&upstream).await?;
                let applied = migrate(&**upstream.backend()).await?;
                self.structure_is_new(&upstream).await;
                (Some(upstream.name().to_string()), applied)
            }
            ProvisionWanted::Address(Address(uri)) => {
                if operator.bound_to().is_some() {
                    return Err(auth::PermitError::ClientMismatch.into());
                }
                (None, migrate_at(&uri).await?)
            }
        };
        let subject = client.as_deref().unwrap_or("an address");
        let deed = Deed::done("provision.schema", subject).to(json!({ "applied": applied }));
        self.management_desk()?.audit.tell(operator.actor(), &deed).await;
        Ok(Provisioned {
            statements_executed: applied.len(),
            applied_versions: applied,
            schema_version: store::own_steps().last().map(|step| step.version),
            client,
            registered: None,
            tables: store::own_tables(),
        })
    }

    /// Which of our tables a client's database has.
    pub async fn provision_status(
        &self,
        operator: &Operator,
        client: &str,
    ) -> Result<ProvisionStatus, GatewayError> {
        let upstream = self.server(operator, client)?;
        upstream.reread().await;
        let schema = upstream.schema().await?;
        let (present, missing): (Vec<&str>, Vec<&str>) =
            store::own_tables().into_iter().partition(|table| schema.table(None, table).is_some());
        Ok(ProvisionStatus {
            client_name: upstream.name().to_string(),
            requested_client_name: client.to_owned(),
            provisioned: missing.is_empty(),
            present_tables: present,
            missing_tables: missing,
        })
    }

    /// Let an operator's work on one client be written down as a manager's.
    pub fn provisioner(
        &self,
        operator: &Operator,
        trace: Trace,
        client: &str,
    ) -> Result<Manager, GatewayError> {
        Ok(Manager::cleared(operator.actor().clone(), self.server(operator, client)?, trace))
    }

    fn server(&self, operator: &Operator, client: &str) -> Result<Arc<Upstream>, GatewayError> {
        let name = ClientName::parse(client).map_err(|_no_name| GatewayError::unknown(client))?;
        if !operator.may_touch(&name) {
            return Err(auth::PermitError::ClientMismatch.into());
        }
        if self.registry().is_ad_hoc(&name) {
            return Err(GatewayError::unknown(client));
        }
        self.registry().get(&name)
    }

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
            for (upstream, place) in all {
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
        let wanted = Wanted::take(&mut body)?;
        let request = ddl::create_database(Value::Object(body)).map_err(ManagementError::from)?;
        super::ensure_managed(&manager.upstream)?;
        let database = request.change.name.clone();
        let name = self.new_name(manager, &wanted, &database)?;
        let statements = request.change.sql();
        let pipeline = if request.dry_run {
            Pipeline::default()
        } else {
            self.make(manager.clone(), permit, request.change).await?;
            self.follow_up(manager, wanted, &database, name).await
        };
        Ok(DatabaseMade {
            server_client_name: manager.client().to_string(),
            database_name: database.to_string(),
            created: !request.dry_run,
            statements,
            pipeline,
        })
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
        let typed = wanted.register_name.as_deref().unwrap_or(database.as_str());
        let invalid =
            ManagementError::Invalid { field: "register_name", expected: "the name of a client" };
        let name = ClientName::parse(typed).map_err(|_no_name| invalid)?;
        let own = format!("{}_", manager.client());
        if manager.is_bound() && !name.as_str().starts_with(&own) {
            let expected = "a name that begins with the client's own and _";
            return Err(ManagementError::Invalid { field: "register_name", expected }.into());
        }
        if self.registry().upstreams().iter().any(|upstream| *upstream.name() == name) {
            return Err(ManagementError::NameTaken { name: name.to_string() }.into());
        }
        Ok(Some(name))
    }

    /// The database is there now; what else was wanted is told as it is.
    async fn follow_up(
        &self,
        manager: &Manager,
        wanted: Wanted,
        database: &Ident,
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
        let sibling = match manager.upstream.backend().sibling(database) {
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

impl Wanted {
    fn take(body: &mut Map<String, Value>) -> Result<Self, ManagementError> {
        // Kept for people; there is nothing here to keep it in.
        text(body, "description")?;
        Ok(Self {
            provision_schema: flag(body, "provision_schema")?.unwrap_or(true),
            register_runtime: flag(body, "register_runtime")?.unwrap_or(true),
            register_catalog: flag(body, "register_catalog")?,
            register_name: text(body, "register_name")?,
        })
    }
}

async fn located(upstream: Arc<Upstream>) -> (Arc<Upstream>, Option<backend::Whereabouts>) {
    let asked = timeout(LOOK, upstream.backend().whereabouts()).await;
    let place = asked.ok().and_then(Result::ok).flatten();
    (upstream, place)
}

async fn migrate(backend: &dyn Backend) -> Result<Vec<i64>, GatewayError> {
    let steps = store::own_steps();
    let steps: Vec<Migration<'_>> = steps
        .iter()
        .map(|step| Migration {
            version: step.version,
            description: step.description,
            sql: step.sql,
            checksum: step.checksum,
        })
        .collect();
    let failed = |source: BackendError| GatewayError::Backend { source, operation: None };
    match backend.migrate(&Permit::system(), &steps).await.map_err(failed)? {
        Migrated::Applied(applied) => Ok(applied),
        Migrated::Altered(version) => {
            Err(ManagementError::NotProvisioned(store::StoreError::Altered { version }).into())
        }
        Migrated::Newer(version) => {
            Err(ManagementError::NotProvisioned(store::StoreError::Newer { version }).into())
        }
    }
}

/// By the library itself, which has its own lock and keeps the same account.
async fn migrate_at(uri: &str) -> Result<Vec<i64>, GatewayError> {
    let expected = "an address such as postgresql://user:password@host/database";
    let store =
        Store::open(uri).map_err(|_quoting| ManagementError::Invalid { field: "uri", expected })?;
    let before = store.steps_taken().await.map_err(ManagementError::NotProvisioned)?;
    let migrated = store.migrate().await;
    store.close().await;
    migrated.map_err(ManagementError::NotProvisioned)?;
    let all = store::own_steps().into_iter().map(|step| step.version);
    Ok(all.filter(|version| !before.contains(version)).collect())
}

fn object(body: Value) -> Result<Map<String, Value>, ManagementError> {
    match body {
        Value::Object(body) => Ok(body),
        _ => Err(ddl::DdlError::NotAnObject.into()),
    }
}

fn text(
    body: &mut Map<String, Value>,
    field: &'static str,
) -> Result<Option<String>, ManagementError> {
    match body.shift_remove(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
        Some(_) => Err(ManagementError::Invalid { field, expected: "a text" }),
    }
}

fn flag(
    body: &mut Map<String, Value>,
    field: &'static str,
) -> Result<Option<bool>, ManagementError> {
    match body.shift_remove(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(flag)),
        Some(_) => Err(ManagementError::Invalid { field, expected: "true or false" }),
    }
}

fn finish(body: Map<String, Value>) -> Result<(), ManagementError> {
    match body.into_iter().next() {
        None => Ok(()),
        Some((field, _)) => {
            Err(ManagementError::UnknownField { field: field.chars().take(60).collect() })
        }
    }
}
