//! One resource, ready to be served: what the console is told, and what the server goes by.

use api_types::console::{ResourceSpec, Section};
use catalog::QualifiedName;
use indexmap::IndexMap;

/// A table or view with a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// What crosses the wire.
    pub spec: ResourceSpec,
    pub table: QualifiedName,
    /// Whose value stands for a row in chips and titles; `None` for a table without columns.
    pub label_column: Option<String>,
    /// The record's page: facts at the top, then the parts, then the lists.
    pub summary: Vec<String>,
    pub sections: Vec<Section>,
    pub related: Vec<RelatedSpec>,
    /// What an update may change; the server refuses the rest.
    pub editable: Vec<String>,
    /// The fields of the create form, in order; an insert may hold these and no others.
    pub create_fields: Vec<String>,
    /// Put into an insert where the form leaves a column out.
    pub create_defaults: IndexMap<String, String>,
    /// The planner's guess; `None` when never analysed or not connected.
    pub estimated_rows: Option<i64>,
}

/// Rows elsewhere that point at a row of this resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedSpec {
    /// The other resource's URL segment.
    pub resource: String,
    pub title: String,
    /// The foreign-key column over there.
    pub column: String,
    /// The column here that it points at.
    pub value_column: String,
}
