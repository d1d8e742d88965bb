//! What a client holds: its tables and their columns, as far as the caller may know of them.

mod constraints;
mod migrations;

pub use migrations::Migration;

use crate::{Gateway, access::Visitor, error::GatewayError, registry::Upstream};
use api_types::Problem;
use auth::{Action, Permit, PermitError};
use catalog::{Column, SchemaCache, Table};
use serde::Serialize;
use std::sync::Arc;

/// The right that opens every table's description.
const SCHEMA_READ: &str = "schema.read";

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableListing {
    pub table_schema: String,
    pub table_name: String,
    pub table_type: &'static str,
    pub column_count: usize,
    pub estimated_rows: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnListing {
    pub column_name: String,
    pub data_type: String,
    pub column_default: Option<String>,
    pub is_nullable: &'static str,
}

/// A key of a table (its own, one that must be unique, or one that refers to another table), or what
/// its rows must keep to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConstraintListing {
    pub constraint_name: Option<String>,
    pub constraint_type: &'static str,
    pub table_schema: String,
    pub table_name: String,
    pub columns: Vec<String>,
    pub foreign_table_schema: Option<String>,
    pub foreign_table_name: Option<String>,
    pub foreign_columns: Vec<String>,
    /// The database's own words for it, where they say more than the rest.
    pub definition: Option<String>,
}

/// Which table's columns are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnsOf {
    pub table: String,
    pub schema: Option<String>,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    #[error("table_name is required")]
    MissingTable,
    #[error("{parameter} is not the name of anything")]
    InvalidName { parameter: &'static str, value: String },
    #[error("table {table} does not exist")]
    UnknownTable { table: String },
}

impl SchemaError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::MissingTable => Problem::new(400, "missing_field", "table_name is required")
                .with_detail("parameter", "table_name"),
            Self::InvalidName { parameter, value } => {
                Problem::new(400, "invalid_name", format!("Invalid {parameter} parameter"))
                    .with_detail("parameter", *parameter)
                    .with_detail("value", shown(value))
            }
            Self::UnknownTable { table } => {
                let text = format!("Table '{}' does not exist", shown(table));
                Problem::new(404, "unknown_table", text).with_detail("table", shown(table))
            }
        }
    }
}

impl ColumnsOf {
    /// An odd name is given the benefit of the doubt only when there is a client to look it up in.
    pub fn check(&self, has_client: bool) -> Result<(), SchemaError> {
        if self.table.trim().is_empty() {
            return Err(SchemaError::MissingTable);
        }
        match self.odd_name() {
            Some(odd) if !has_client => Err(odd),
            _ => Ok(()),
        }
    }

    fn unknown(&self) -> SchemaError {
        self.odd_name().unwrap_or_else(|| SchemaError::UnknownTable { table: self.table.clone() })
    }

    fn odd_name(&self) -> Option<SchemaError> {
        let parts = [("table_name", Some(&self.table)), ("table_schema", self.schema.as_ref())];
        parts.into_iter().find_map(|(parameter, value)| {
            let value = value.filter(|value| !is_plain(value))?;
            Some(SchemaError::InvalidName { parameter, value: value.clone() })
        })
    }
}

impl Gateway {
    /// The tables and views the caller may read, in name order.
    pub async fn tables(&self, visitor: &Visitor) -> Result<Vec<TableListing>, GatewayError> {
        let upstream = self.registry().get(visitor.client())?;
        let cache = upstream.schema().await?;
        let sees = Sight::of(visitor)?;
        Ok(cache.tables().filter(|table| sees.table(table)).map(listing).collect())
    }

    /// The constraints of one table, or of every table the caller may know of.
    pub async fn constraints(
        &self,
        visitor: &Visitor,
        of: Option<&ColumnsOf>,
    ) -> Result<Vec<ConstraintListing>, GatewayError> {
        let upstream = self.registry().get(visitor.client())?;
        let sees = Sight::of(visitor)?;
        let tables: Vec<Arc<Table>> = match of {
            None => upstream.schema().await?.tables().cloned().collect(),
            Some(of) => find(&upstream, of).await?.into_iter().collect(),
        };
        let tables: Vec<_> = tables.into_iter().filter(|table| sees.table(table)).collect();
        if let Some(of) = of.filter(|_| tables.is_empty()) {
            return Err(of.unknown().into());
        }
        let rules = upstream.backend().rules().await;
        let rules = rules.map_err(|source| GatewayError::Backend { source, operation: None })?;
        let mut rules = constraints::by_table(&rules);
        // A rule speaks of the columns of its table, and a resource has others.
        if let Some(cache) = upstream.schema_now() {
            rules.retain(|table, _| cache.binding(table).is_none());
        }
        Ok(tables.iter().flat_map(|table| constraints::listings(table, &rules)).collect())
    }

    /// One table's columns, in their order.
    pub async fn columns(
        &self,
        visitor: &Visitor,
        of: &ColumnsOf,
    ) -> Result<Vec<ColumnListing>, GatewayError> {
        of.check(true)?;
        let upstream = self.registry().get(visitor.client())?;
        let sees = Sight::of(visitor)?;
        let table = find(&upstream, of).await?;
        match table.filter(|table| sees.table(table)) {
            Some(table) => Ok(table.columns.iter().map(column_listing).collect()),
            None => Err(of.unknown().into()),
        }
    }
}

/// What a visitor may know of: every table, or those they may read.
struct Sight<'a> {
    visitor: &'a Visitor,
    all: bool,
}

impl<'a> Sight<'a> {
    fn of(visitor: &'a Visitor) -> Result<Self, GatewayError> {
        match Permit::for_right(visitor.caller(), visitor.client(), SCHEMA_READ) {
            Ok(_permit) => Ok(Self { visitor, all: true }),
            Err(PermitError::MissingRight(_)) => Ok(Self { visitor, all: false }),
            Err(refused) => Err(refused.into()),
        }
    }

    fn table(&self, table: &Table) -> bool {
        let Self { visitor, all } = self;
        *all || Permit::for_relation(visitor.caller(), visitor.client(), &table.name, Action::Read)
            .is_ok()
    }
}

async fn find(upstream: &Upstream, of: &ColumnsOf) -> Result<Option<Arc<Table>>, GatewayError> {
    let look = |cache: &SchemaCache| cache.table(of.schema.as_deref(), &of.table).cloned();
    if let Some(table) = look(&*upstream.schema().await?) {
        return Ok(Some(table));
    }
    upstream.refresh().await;
    Ok(look(&*upstream.schema().await?))
}

fn listing(table: &Arc<Table>) -> TableListing {
    TableListing {
        table_schema: table.name.schema.to_string(),
        table_name: table.name.name.to_string(),
        table_type: table.kind.as_sql(),
        column_count: table.columns.len(),
        estimated_rows: table.estimated_rows,
    }
}

fn column_listing(column: &Column) -> ColumnListing {
    ColumnListing {
        column_name: column.name.to_string(),
        data_type: column.data_type.sql.clone(),
        column_default: column.default.clone(),
        is_nullable: if column.nullable { "YES" } else { "NO" },
    }
}

/// A name that needs no quotes.
fn is_plain(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Enough of a typed name to recognise it by.
fn shown(name: &str) -> String {
    name.chars().take(80).collect()
}
