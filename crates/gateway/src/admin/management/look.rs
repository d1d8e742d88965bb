//! What there is to see of a structure, and what may be done to it.

use super::{ManagementError, Manager};
use crate::{
    Gateway,
    access::Visitor,
    error::GatewayError,
    schema::{ColumnListing, ColumnsOf, ConstraintListing, TableListing},
};
use auth::Caller;
use backend::Inspection;
use serde::Serialize;
use serde_json::Value;

const READ: &[&str] = &["management.read"];
const FUNCTIONS: &[&str] = &["management.functions.read"];

/// Each operation: its name, its method and path, and its right.
const OPERATIONS: [(&str, &str, &str); 19] = [
    ("management.capabilities.read", "GET /management/capabilities", "management.read"),
    ("management.tables.list", "GET /management/tables", "management.read"),
    ("management.tables.create", "POST /management/tables", "management.tables.write"),
    ("management.tables.read", "GET /management/tables/{table}", "management.read"),
    ("management.tables.edit", "PATCH /management/tables/{table}", "management.tables.write"),
    ("management.tables.drop", "DELETE /management/tables/{table}", "management.tables.drop"),
    (
        "management.columns.drop",
        "DELETE /management/tables/{table}/columns/{column}",
        "management.columns.drop",
    ),
    ("management.indexes.list", "GET /management/indexes", "management.read"),
    ("management.indexes.create", "POST /management/indexes", "management.indexes.write"),
    ("management.indexes.drop", "DELETE /management/indexes/{index}", "management.indexes.drop"),
    ("management.extensions.list", "GET /management/extensions", "management.read"),
    (
        "management.extensions.install",
        "POST /management/extensions/install",
        "management.extensions.write",
    ),
    ("management.functions.list", "GET /management/functions", "management.functions.read"),
    ("management.functions.upsert", "PUT /management/functions", "management.functions.write"),
    ("management.functions.drop", "DELETE /management/functions", "management.functions.drop"),
    ("management.audit.list", "GET /management/audit-log", "management.read"),
    (
        "management.provision.local.databases.list",
        "GET /management/provision/local/databases",
        "management.provision.write",
    ),
    (
        "management.provision.local.databases.create",
        "POST /management/provision/local/databases",
        "management.provision.write",
    ),
    ("management.columns.edit", "PATCH /management/tables/{table}", "management.columns.write"),
];

const MOST_AUDIT: u32 = 500;

/// What this gateway does, and which of it the key in hand opens.
#[derive(Debug, Clone, Serialize)]
pub struct Capabilities {
    backend: &'static str,
    retention_mutation_supported: bool,
    replication_mutation_supported: bool,
    supported_operations: Vec<&'static str>,
    required_rights: Vec<RequiredRight>,
    granted_rights: Vec<String>,
    allowed_index_methods: Vec<&'static str>,
    /// For a choice; any other type is taken by its name.
    allowed_column_data_types: Vec<&'static str>,
    allowed_extensions: Vec<String>,
    allowed_function_languages: Vec<String>,
    security_definer_allowed: bool,
}

#[derive(Debug, Clone, Serialize)]
struct RequiredRight {
    operation: &'static str,
    required_right: &'static str,
    allowed: bool,
}

/// Which functions are asked for.
#[derive(Debug, Clone, Default)]
pub struct FunctionsOf {
    pub schema: Option<String>,
    pub name_like: Option<String>,
    pub include_system: bool,
    pub include_definition: bool,
}

#[derive(Debug, Clone, Default)]
pub struct IndexesOf {
    pub schema: Option<String>,
    pub table: Option<String>,
}

impl Gateway {
    pub async fn capabilities(&self, manager: &Manager) -> Result<Capabilities, GatewayError> {
        self.demand(manager, READ).await?;
        let policy = &self.settings().management.policy;
        let required = |(_, operation, right): &(&'static str, &'static str, &'static str)| {
            let allowed = manager.permit(&[right]).is_ok();
            RequiredRight { operation, required_right: right, allowed }
        };
        Ok(Capabilities {
            backend: "postgresql",
            retention_mutation_supported: false,
            replication_mutation_supported: false,
            supported_operations: OPERATIONS.iter().map(|(name, ..)| *name).collect(),
            required_rights: OPERATIONS.iter().map(required).collect(),
            granted_rights: manager.granted(),
            allowed_index_methods: ddl::METHODS.to_vec(),
            allowed_column_data_types: ddl::COMMON_TYPES.to_vec(),
            allowed_extensions: policy.extensions.clone(),
            allowed_function_languages: policy.languages.clone(),
            security_definer_allowed: policy.security_definer,
        })
    }

    pub async fn managed_tables(
        &self,
        manager: &Manager,
    ) -> Result<Vec<TableListing>, GatewayError> {
        self.demand(manager, READ).await?;
        self.tables(&eyes(manager)).await
    }

    /// A table's columns, and what its rows keep to.
    pub async fn managed_table(
        &self,
        manager: &Manager,
        table: &str,
        schema: Option<String>,
    ) -> Result<(Vec<ColumnListing>, Vec<ConstraintListing>), GatewayError> {
        self.demand(manager, READ).await?;
        let of = ColumnsOf {
            table: table.to_owned(),
            schema: schema.or_else(|| Some("public".to_owned())),
        };
        let eyes = eyes(manager);
        let columns = self.columns(&eyes, &of).await?;
        if columns.is_empty()
            && manager.upstream.schema().await?.table(of.schema.as_deref(), table).is_none()
        {
            return Err(
                ManagementError::UnknownTable { table: table.chars().take(80).collect() }.into()
            );
        }
        Ok((columns, self.constraints(&eyes, Some(&of)).await?))
    }

    pub async fn managed_functions(
        &self,
        manager: &Manager,
        of: FunctionsOf,
    ) -> Result<Vec<Value>, GatewayError> {
        let FunctionsOf { schema, name_like, include_system, include_definition } = of;
        let asked = Inspection::Functions { schema, name_like, include_system, include_definition };
        self.look(manager, FUNCTIONS, asked).await
    }

    pub async fn managed_indexes(
        &self,
        manager: &Manager,
        of: IndexesOf,
    ) -> Result<Vec<Value>, GatewayError> {
        let IndexesOf { schema, table } = of;
        self.look(manager, READ, Inspection::Indexes { schema, table }).await
    }

    /// Each with whether it may be installed here.
    pub async fn managed_extensions(&self, manager: &Manager) -> Result<Vec<Value>, GatewayError> {
        let mut found = self.look(manager, READ, Inspection::Extensions).await?;
        let allowed = &self.settings().management.policy.extensions;
        for extension in &mut found {
            let name = extension["extension_name"].as_str().unwrap_or_default();
            let is_allowed = allowed.iter().any(|allowed| allowed == name);
            extension["allowed"] = is_allowed.into();
        }
        Ok(found)
    }

    /// What was done to this client's structure, newest first.
    pub async fn management_audit(
        &self,
        manager: &Manager,
        limit: u32,
    ) -> Result<Vec<Value>, GatewayError> {
        self.demand(manager, READ).await?;
        let desk = self.management_desk()?;
        let rows =
            desk.store.list_management(manager.client().as_str(), limit.min(MOST_AUDIT)).await;
        Ok(rows.map_err(ManagementError::StoreUnavailable)?)
    }

    pub(super) async fn look(
        &self,
        manager: &Manager,
        rights: &[&str],
        asked: Inspection,
    ) -> Result<Vec<Value>, GatewayError> {
        let permit = self.demand(manager, rights).await?;
        let found = manager.upstream.backend().inspect(&permit, &asked).await;
        found.map_err(|source| {
            manager.upstream.learn(&source);
            GatewayError::Backend { source, operation: None }
        })
    }
}

/// Whoever may manage a structure may see all of it.
fn eyes(manager: &Manager) -> Visitor {
    Visitor::in_process(Caller::system(), manager.client().clone())
}
