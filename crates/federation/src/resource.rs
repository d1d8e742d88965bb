//! An imported resource: a remote table under a name of ours, with names of ours for its columns.

use crate::FieldType;
use api_types::ClientName;
use catalog::{Ident, QualifiedName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was imported. Its JSON is what is stored and what is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    pub name: Ident,
    pub client: ClientName,
    pub remote_schema: Ident,
    pub remote_name: Ident,
    /// In the table's order.
    pub fields: Vec<Field>,
    /// Remote columns, in key order; every one of a composite key.
    pub primary_key: Vec<Ident>,
    /// The key is the importer's word: the table itself has none, or another one.
    pub key_is_declared: bool,
    /// Remote columns that are left out on purpose.
    pub ignore_columns: Vec<Ident>,
    pub writable: bool,
    /// RFC 3339.
    pub introspected_at: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Here.
    pub name: Ident,
    /// There.
    pub column: Ident,
    #[serde(rename = "type")]
    pub field_type: FieldType,
    pub sql_type: String,
    pub nullable: bool,
}

impl Resource {
    pub fn remote(&self) -> QualifiedName {
        QualifiedName::new(self.remote_schema.clone(), self.remote_name.clone())
    }

    /// Remote column to local field.
    pub fn column_map(&self) -> BTreeMap<&str, &str> {
        let fields = self.fields.iter();
        fields.map(|field| (field.column.as_str(), field.name.as_str())).collect()
    }

    /// As it is shown: with the names of its columns as a map of their own.
    pub fn shown(&self) -> serde_json::Value {
        let mut shown = serde_json::to_value(self).unwrap_or_default();
        shown["columnMap"] = serde_json::json!(self.column_map());
        shown
    }

    pub(crate) fn field_of(&self, column: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.column.as_str() == column)
    }
}

/// A name that a resource may have: `^[a-z_][a-z0-9_]*$`, made of what the table is called.
pub fn suggested_name(remote: &str) -> String {
    let mut name = String::with_capacity(remote.len());
    let mut before: Option<char> = None;
    for c in remote.chars() {
        let starts_word =
            c.is_ascii_uppercase() && before.is_some_and(|before| before.is_ascii_lowercase());
        if starts_word {
            name.push('_');
        }
        name.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
        before = Some(c);
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') {
        name.insert(0, '_');
    }
    name.truncate(Ident::MAX_BYTES);
    name
}

pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= Ident::MAX_BYTES
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
