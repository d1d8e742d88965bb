//! Tables, views and their columns.

use catalog::{Ident, QualifiedName};
use indexmap::IndexMap;

/// A table, view, materialized view, foreign table or partitioned table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    pub name: QualifiedName,
    pub comment: Option<String>,
    pub is_view: bool,
    /// What kind of statement the relation takes, whatever the privileges.
    pub is_insertable: bool,
    pub is_updatable: bool,
    pub is_deletable: bool,
    /// A view has the key of the table whose key columns it shows whole.
    pub primary_key: Vec<Ident>,
    /// In the order of the table.
    pub columns: IndexMap<Ident, Column>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: Ident,
    pub comment: Option<String>,
    pub is_nullable: bool,
    /// The type without a length; a domain's base type.
    pub data_type: String,
    /// The type as declared: with length, the domain itself.
    pub nominal_type: String,
    pub max_length: Option<i32>,
    /// SQL from the catalog.
    pub default: Option<String>,
    pub enum_labels: Vec<String>,
}

impl Relation {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(name)
    }

    /// Whether anything can be written to it.
    pub fn is_writable(&self) -> bool {
        self.is_insertable || self.is_updatable || self.is_deletable
    }
}
