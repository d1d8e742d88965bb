//! A client's catalog as it was at one moment, in the form that is kept.

use crate::{Family, FieldType, allows};
use api_types::ClientName;
use catalog::{SchemaCache, Table};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    pub name: String,
    pub client: ClientName,
    /// RFC 3339.
    pub snapshot_at: String,
    pub dialect: String,
    pub tables: Vec<SnapshotTable>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotTable {
    pub remote_schema: String,
    pub remote_name: String,
    pub kind: String,
    pub columns: Vec<SnapshotColumn>,
    /// In key order.
    pub primary_key: Vec<String>,
    pub indexes: Vec<SnapshotIndex>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_count_estimate: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotColumn {
    pub name: String,
    pub sql_type: String,
    pub nullable: bool,
    pub primary_key: bool,
    pub suggested_field_type: FieldType,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SnapshotIndex {
    pub name: String,
    pub columns: Vec<String>,
    pub unique: bool,
}

impl Snapshot {
    /// What of the catalog is in the allowed schemas.
    pub fn of(
        client: &ClientName,
        cache: &SchemaCache,
        allowed: Option<&[String]>,
        now: String,
    ) -> Self {
        let seen = cache.tables().filter(|table| allows(allowed, table.name.schema.as_str()));
        Self {
            name: format!("{client}_catalog"),
            client: client.clone(),
            snapshot_at: now,
            dialect: dialect(cache).to_owned(),
            tables: seen.map(|table| SnapshotTable::of(table)).collect(),
        }
    }
}

impl SnapshotTable {
    pub fn of(table: &Table) -> Self {
        let column = |column: &catalog::Column| SnapshotColumn {
            name: column.name.to_string(),
            sql_type: column.data_type.sql.clone(),
            nullable: column.nullable,
            primary_key: table.primary_key.contains(&column.name),
            suggested_field_type: Family::of(&column.data_type).suggested(),
        };
        let index = |key: &catalog::UniqueKey| SnapshotIndex {
            name: key.name.to_string(),
            columns: key.columns.iter().map(ToString::to_string).collect(),
            unique: true,
        };
        Self {
            remote_schema: table.name.schema.to_string(),
            remote_name: table.name.name.to_string(),
            kind: kind(table).to_owned(),
            columns: table.columns.iter().map(column).collect(),
            primary_key: table.primary_key.iter().map(ToString::to_string).collect(),
            indexes: table.unique_keys.iter().map(index).collect(),
            row_count_estimate: table.estimated_rows,
        }
    }
}

fn kind(table: &Table) -> &'static str {
    use catalog::TableKind;
    match table.kind {
        TableKind::Table | TableKind::Partitioned => "table",
        TableKind::View => "view",
        TableKind::MaterializedView => "materialized_view",
        TableKind::ForeignTable => "foreign",
    }
}

/// The database's language, by its own words for itself.
pub fn dialect(cache: &SchemaCache) -> &'static str {
    let version = cache.server_version.to_ascii_lowercase();
    if version.starts_with("sqlite") { "sqlite" } else { "postgres" }
}
