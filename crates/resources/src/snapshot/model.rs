//! Version 7 as types. Fields stand in the order in which `drizzle-kit pull` writes them.

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A whole snapshot. Maps keep the order of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub prev_id: String,
    pub version: String,
    pub dialect: String,
    /// By `schema.name`; take both from inside the table, names may hold dots.
    pub tables: IndexMap<String, Table>,
    #[serde(default)]
    pub enums: IndexMap<String, Enum>,
    #[serde(default)]
    pub schemas: IndexMap<String, String>,
    #[serde(default)]
    pub sequences: IndexMap<String, Sequence>,
    #[serde(default)]
    pub roles: IndexMap<String, Role>,
    #[serde(default)]
    pub policies: IndexMap<String, Policy>,
    #[serde(default)]
    pub views: IndexMap<String, View>,
    #[serde(rename = "_meta", default)]
    pub meta: Meta,
    /// Only in pulled snapshots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal: Option<Internal>,
}

impl Snapshot {
    /// A snapshot of nothing, for a client that has none: its resources come from the database.
    pub fn empty() -> Self {
        Self {
            id: String::new(),
            prev_id: String::new(),
            version: "7".to_owned(),
            dialect: "postgresql".to_owned(),
            tables: IndexMap::new(),
            enums: IndexMap::new(),
            schemas: IndexMap::new(),
            sequences: IndexMap::new(),
            roles: IndexMap::new(),
            policies: IndexMap::new(),
            views: IndexMap::new(),
            meta: Meta::default(),
            internal: None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Meta {
    #[serde(default)]
    pub schemas: IndexMap<String, String>,
    #[serde(default)]
    pub tables: IndexMap<String, String>,
    #[serde(default)]
    pub columns: IndexMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    pub name: String,
    /// Empty for `public`.
    #[serde(default)]
    pub schema: String,
    #[serde(default)]
    pub columns: IndexMap<String, Column>,
    #[serde(default)]
    pub indexes: IndexMap<String, Index>,
    #[serde(default)]
    pub foreign_keys: IndexMap<String, ForeignKey>,
    #[serde(default)]
    pub composite_primary_keys: IndexMap<String, CompositeKey>,
    #[serde(default)]
    pub unique_constraints: IndexMap<String, Unique>,
    #[serde(default)]
    pub check_constraints: IndexMap<String, Check>,
    #[serde(default)]
    pub policies: IndexMap<String, Policy>,
    #[serde(rename = "isRLSEnabled", default)]
    pub is_rls_enabled: bool,
}

impl Table {
    /// The schema by its real name.
    pub fn schema_name(&self) -> &str {
        if self.schema.is_empty() { "public" } else { &self.schema }
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub sql_type: String,
    /// The schema of an enum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_schema: Option<String>,
    /// True for one-column keys only.
    #[serde(default)]
    pub primary_key: bool,
    #[serde(default)]
    pub not_null: bool,
    /// SQL text, or a JSON number or boolean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<GeneratedAs>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_unique: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls_not_distinct: Option<bool>,
}

impl Column {
    /// The default as SQL text.
    pub fn default_sql(&self) -> Option<String> {
        self.default.as_ref().map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// `always` or `byDefault`.
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub name: String,
    #[serde(default, deserialize_with = "digits", skip_serializing_if = "Option::is_none")]
    pub increment: Option<String>,
    #[serde(default, deserialize_with = "digits", skip_serializing_if = "Option::is_none")]
    pub min_value: Option<String>,
    #[serde(default, deserialize_with = "digits", skip_serializing_if = "Option::is_none")]
    pub max_value: Option<String>,
    #[serde(default, deserialize_with = "digits", skip_serializing_if = "Option::is_none")]
    pub start_with: Option<String>,
    #[serde(default, deserialize_with = "digits", skip_serializing_if = "Option::is_none")]
    pub cache: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cycle: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GeneratedAs {
    #[serde(rename = "as")]
    pub expression: String,
    #[serde(rename = "type", default = "stored")]
    pub kind: String,
}

fn stored() -> String {
    "stored".to_owned()
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    pub name: String,
    #[serde(default)]
    pub columns: Vec<IndexColumn>,
    #[serde(default)]
    pub is_unique: bool,
    #[serde(default)]
    pub concurrently: bool,
    #[serde(default = "btree")]
    pub method: String,
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    #[serde(default)]
    pub with: IndexMap<String, Value>,
}

fn btree() -> String {
    "btree".to_owned()
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexColumn {
    pub expression: String,
    #[serde(default)]
    pub asc: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opclass: Option<String>,
    #[serde(default)]
    pub is_expression: bool,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForeignKey {
    pub name: String,
    #[serde(default)]
    pub table_from: String,
    pub table_to: String,
    /// Absent in generated snapshots when the target is in `public`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_to: Option<String>,
    pub columns_from: Vec<String>,
    pub columns_to: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_delete: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_update: Option<String>,
}

impl ForeignKey {
    /// The target's schema by its real name.
    pub fn target_schema(&self) -> &str {
        self.schema_to.as_deref().filter(|schema| !schema.is_empty()).unwrap_or("public")
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CompositeKey {
    pub name: String,
    pub columns: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unique {
    pub columns: Vec<String>,
    #[serde(default)]
    pub nulls_not_distinct: bool,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Check {
    pub name: String,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    pub name: String,
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(rename = "for", default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    #[serde(default)]
    pub to: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub using: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_check: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    pub name: String,
    #[serde(default)]
    pub schema: String,
    #[serde(default)]
    pub columns: IndexMap<String, Column>,
    #[serde(default)]
    pub is_existing: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    #[serde(default)]
    pub materialized: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<IndexMap<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_no_data: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub using: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tablespace: Option<String>,
}

impl View {
    /// The schema by its real name.
    pub fn schema_name(&self) -> &str {
        if self.schema.is_empty() { "public" } else { &self.schema }
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sequence {
    pub name: String,
    #[serde(default)]
    pub schema: String,
    #[serde(default, deserialize_with = "digits", skip_serializing_if = "Option::is_none")]
    pub start_with: Option<String>,
    #[serde(default, deserialize_with = "digits", skip_serializing_if = "Option::is_none")]
    pub min_value: Option<String>,
    #[serde(default, deserialize_with = "digits", skip_serializing_if = "Option::is_none")]
    pub max_value: Option<String>,
    #[serde(default, deserialize_with = "digits", skip_serializing_if = "Option::is_none")]
    pub increment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cycle: Option<bool>,
    #[serde(default, deserialize_with = "digits", skip_serializing_if = "Option::is_none")]
    pub cache: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    #[serde(default)]
    pub create_db: bool,
    #[serde(default)]
    pub create_role: bool,
    #[serde(default)]
    pub inherit: bool,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Enum {
    pub name: String,
    /// In sort order.
    pub values: Vec<String>,
    #[serde(default)]
    pub schema: String,
}

/// What pull notes beside the tables, by the bare table name.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Internal {
    #[serde(default)]
    pub tables: IndexMap<String, InternalTable>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct InternalTable {
    #[serde(default)]
    pub columns: IndexMap<String, InternalColumn>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InternalColumn {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_array: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_default_an_expression: Option<bool>,
}

/// Sequence numbers are strings in the file; a plain number is taken as well.
fn digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(_) => return Err(serde::de::Error::custom("a number is expected")),
    })
}
