//! Our own tables in a client's database, or at an address.

use super::{
    ManagementError, Manager,
    body::{finish, flag, object, text},
};
use crate::{
    Gateway,
    access::Operator,
    admin::audit::Deed,
    error::GatewayError,
    ids::Trace,
    registry::{ConnectPolicy, Goal, HostPolicy, Upstream},
};
use api_types::ClientName;
use auth::Permit;
use backend::{Backend, BackendError, Migrated, Migration};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;
use store::Store;

const ADDRESS: &str = "an address such as postgresql://user:password@host/database";

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
                let upstream = self.server(operator, &name).await?;
                self.refuse_own_store(&upstream).await?;
                let applied = migrate(&**upstream.backend()).await?;
                self.structure_is_new(&upstream).await;
                (Some(upstream.name().to_string()), applied)
            }
            ProvisionWanted::Address(Address(uri)) => {
                if operator.bound_to().is_some() {
                    return Err(auth::PermitError::ClientMismatch.into());
                }
                self.judge(&uri).await?;
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
        let upstream = self.server(operator, client).await?;
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
    pub async fn provisioner(
        &self,
        operator: &Operator,
        trace: Trace,
        client: &str,
    ) -> Result<Manager, GatewayError> {
        let upstream = self.server(operator, client).await?;
        Ok(Manager::cleared(operator.actor().clone(), upstream, trace))
    }

    /// Where clients may not lead, nobody is led by an address either.
    async fn judge(&self, uri: &str) -> Result<(), ManagementError> {
        let (address, _password) = datasources::Address::split(uri)
            .map_err(|_reason| ManagementError::Invalid { field: "uri", expected: ADDRESS })?;
        let goal = Goal::Hosts(address.hosts());
        let judged = match self.clients_cell().get() {
            Some(clients) => clients.judge(&goal).await,
            None => HostPolicy::default().judge(&goal).await,
        };
        judged.map_err(|reason| ManagementError::AddressNotAllowed { reason })
    }

    async fn server(
        &self,
        operator: &Operator,
        client: &str,
    ) -> Result<Arc<Upstream>, GatewayError> {
        let name = ClientName::parse(client).map_err(|_no_name| GatewayError::unknown(client))?;
        if !operator.may_touch(&name) {
            return Err(auth::PermitError::ClientMismatch.into());
        }
        if self.registry().is_ad_hoc(&name) {
            return Err(GatewayError::unknown(client));
        }
        self.upstream(&name).await
    }
}

pub(super) async fn migrate(backend: &dyn Backend) -> Result<Vec<i64>, GatewayError> {
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
    let store = Store::open(uri)
        .map_err(|_quoting| ManagementError::Invalid { field: "uri", expected: ADDRESS })?;
    let before = store.steps_taken().await.map_err(ManagementError::NotProvisioned)?;
    let migrated = store.migrate().await;
    store.close().await;
    migrated.map_err(ManagementError::NotProvisioned)?;
    let all = store::own_steps().into_iter().map(|step| step.version);
    Ok(all.filter(|version| !before.contains(version)).collect())
}
