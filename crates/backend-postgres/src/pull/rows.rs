//! What the catalog queries answer: one JSON object a row.

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct SchemaRow {
    pub name: String,
}

#[derive(Deserialize)]
pub(super) struct RelationRow {
    pub schema: String,
    pub name: String,
    pub kind: String,
    pub row_security: bool,
    pub populated: bool,
    pub options: Option<Vec<String>>,
    pub definition: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ColumnRow {
    pub schema: String,
    pub relation: String,
    pub name: String,
    /// As `format_type` has it.
    pub spelled: String,
    /// Brackets in the declaration; PostgreSQL does not enforce them.
    pub dimensions: u32,
    pub is_array: bool,
    /// Of the element, for an array; so are the next two.
    pub type_kind: String,
    pub type_schema: String,
    pub type_name: String,
    pub not_null: bool,
    pub identity: String,
    pub generated: String,
    pub expression: Option<String>,
    pub sequence: Option<SequenceRow>,
}

#[derive(Deserialize)]
pub(super) struct SequenceRow {
    pub schema: String,
    pub name: String,
    /// `i` for an identity, `a` for a serial; absent for a free one.
    pub kind: Option<String>,
    pub start: String,
    pub increment: String,
    pub min: String,
    pub max: String,
    pub cache: String,
    pub cycle: bool,
}

#[derive(Deserialize)]
pub(super) struct ConstraintRow {
    pub schema: String,
    pub relation: String,
    pub name: String,
    pub kind: String,
    pub columns: Vec<String>,
    pub target_schema: Option<String>,
    pub target: Option<String>,
    pub target_columns: Vec<String>,
    pub on_delete: String,
    pub on_update: String,
    pub expression: Option<String>,
    pub nulls_not_distinct: bool,
}

#[derive(Deserialize)]
pub(super) struct IndexRow {
    pub schema: String,
    pub relation: String,
    pub name: String,
    pub unique: bool,
    pub method: String,
    pub condition: Option<String>,
    pub options: Option<Vec<String>>,
    pub columns: Vec<IndexColumnRow>,
}

#[derive(Deserialize)]
pub(super) struct IndexColumnRow {
    /// `None` for an expression.
    pub name: Option<String>,
    pub expression: String,
    /// Bit 0 is descending, bit 1 nulls first.
    pub flags: u16,
    pub opclass: String,
}

#[derive(Deserialize)]
pub(super) struct PolicyRow {
    pub schema: String,
    pub relation: String,
    pub name: String,
    pub permissive: bool,
    pub command: String,
    pub roles: Vec<String>,
    pub using: Option<String>,
    pub with_check: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct EnumRow {
    pub schema: String,
    pub name: String,
    pub values: Vec<String>,
}
