//! Which migrations a client's database has seen, in the words of whichever tool ran them.

use crate::{Gateway, access::Visitor, error::GatewayError, registry::Upstream};
use auth::{Action, Permit, PermitError};
use bytes::{Bytes, BytesMut};
use catalog::{SchemaCache, Table};
use query::{Operation, Plan, request};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The most migrations of one tool that are listed, newest first.
const MOST: u64 = 1_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Migration {
    pub tool: &'static str,
    pub version: Option<String>,
    pub name: Option<String>,
}

/// A tool, and where it keeps its notes.
struct Journal {
    tool: &'static str,
    /// `None` where the tool lets people choose: the first on the search path.
    schema: Option<&'static str>,
    table: &'static str,
    version: &'static str,
    name: Option<&'static str>,
    order: &'static str,
}

const fn journal(
    tool: &'static str,
    schema: Option<&'static str>,
    table: &'static str,
    version: &'static str,
    name: Option<&'static str>,
    order: &'static str,
) -> Journal {
    Journal { tool, schema, table, version, name, order }
}

/// Several tools share the last table; which of them it was, the table does not say.
const JOURNALS: [Journal; 13] = [
    journal("drizzle", Some("drizzle"), "__drizzle_migrations", "created_at", Some("hash"), "id"),
    journal("sqlx", None, "_sqlx_migrations", "version", Some("description"), "version"),
    journal("prisma", None, "_prisma_migrations", "id", Some("migration_name"), "started_at"),
    journal(
        "supabase",
        Some("supabase_migrations"),
        "schema_migrations",
        "version",
        Some("name"),
        "version",
    ),
    journal("diesel", None, "__diesel_schema_migrations", "version", None, "version"),
    journal("seaorm", None, "seaql_migrations", "version", None, "version"),
    journal("refinery", None, "refinery_schema_history", "version", Some("name"), "version"),
    journal(
        "flyway",
        None,
        "flyway_schema_history",
        "version",
        Some("description"),
        "installed_rank",
    ),
    journal("knex", None, "knex_migrations", "id", Some("name"), "id"),
    journal("sequelize", None, "SequelizeMeta", "name", None, "name"),
    journal("django", None, "django_migrations", "id", Some("name"), "id"),
    journal("alembic", None, "alembic_version", "version_num", None, "version_num"),
    journal("schema_migrations", None, "schema_migrations", "version", None, "version"),
];

impl Gateway {
    /// Every migration that a known tool noted down, newest first, tool by tool.
    pub async fn migrations(&self, visitor: &Visitor) -> Result<Vec<Migration>, GatewayError> {
        let upstream = self.registry().get(visitor.client())?;
        let cache = upstream.schema().await?;
        let mut all = Vec::new();
        let mut refused = None;
        for journal in &JOURNALS {
            let Some(table) = journal.table(&cache) else { continue };
            match permit(visitor, table) {
                Ok(permit) => all.extend(self.notes(&upstream, &cache, &permit, journal).await?),
                Err(error) => refused = Some(error),
            }
        }
        match refused {
            Some(error) if all.is_empty() => Err(error.into()),
            _ => Ok(all),
        }
    }

    async fn notes(
        &self,
        upstream: &Arc<Upstream>,
        cache: &SchemaCache,
        permit: &Permit,
        journal: &Journal,
    ) -> Result<Vec<Migration>, GatewayError> {
        let body = Bytes::from(journal.body().to_string());
        let request = request::parse(Operation::Fetch, &body, &self.settings().parse)?;
        let plan = Plan::resolve(request, cache, self.settings().limits)
            .map_err(|source| GatewayError::Plan { source, may_read: true })?;
        let backend = upstream.backend();
        let statement = backend.render(plan.bound(cache).as_ref().unwrap_or(&plan))?;
        let mut rows = BytesMut::new();
        backend.execute(permit, &statement, self.time_for(upstream), &mut rows).await.map_err(
            |source| GatewayError::Backend { source, operation: Some(Operation::Fetch) },
        )?;
        let rows: Vec<Map<String, Value>> =
            serde_json::from_slice(&rows).map_err(query::ResponseError::UnreadableRow)?;
        Ok(rows.iter().map(|row| journal.migration(row)).collect())
    }
}

/// Whoever may see every table's form may see what formed it.
fn permit(visitor: &Visitor, table: &Table) -> Result<Permit, PermitError> {
    let (caller, client) = (visitor.caller(), visitor.client());
    Permit::for_right(caller, client, super::SCHEMA_READ)
        .or_else(|_| Permit::for_relation(caller, client, &table.name, Action::Read))
}

impl Journal {
    /// The table, when it has the tool's columns: another tool may use the same name.
    fn table<'a>(&self, cache: &'a SchemaCache) -> Option<&'a Arc<Table>> {
        let table = cache.table(self.schema, self.table)?;
        let needed = [Some(self.version), self.name, Some(self.order)];
        needed.into_iter().flatten().all(|column| table.column(column).is_some()).then_some(table)
    }

    fn body(&self) -> Value {
        let columns: Vec<&str> = [Some(self.version), self.name].into_iter().flatten().collect();
        let mut body = json!({
            "table_name": self.table,
            "columns": columns,
            "limit": MOST,
            "sort_by": { "field": self.order, "direction": "descending" },
        });
        if let Some(schema) = self.schema {
            body["schema"] = schema.into();
        }
        body
    }

    fn migration(&self, row: &Map<String, Value>) -> Migration {
        Migration {
            tool: self.tool,
            version: row.get(self.version).and_then(text),
            name: self.name.and_then(|name| row.get(name)).and_then(text),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
