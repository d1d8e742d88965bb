//! The rows of the catalog queries, as the SQL files beside this name them.

use sqlx::FromRow;

#[derive(FromRow)]
pub(super) struct SchemaRow {
    pub name: String,
    pub comment: Option<String>,
}

#[derive(FromRow)]
pub(super) struct RelationRow {
    pub oid: i64,
    pub schema: String,
    pub name: String,
    pub comment: Option<String>,
    pub is_view: bool,
    pub is_insertable: bool,
    pub is_updatable: bool,
    pub is_deletable: bool,
}

#[derive(FromRow)]
pub(super) struct ColumnRow {
    pub relation: i64,
    pub position: i16,
    pub name: String,
    pub comment: Option<String>,
    pub is_nullable: bool,
    pub data_type: String,
    pub nominal_type: String,
    pub max_length: Option<i32>,
    pub default_value: Option<String>,
    pub enum_labels: Vec<String>,
}

#[derive(FromRow)]
pub(super) struct PrimaryKeyRow {
    pub relation: i64,
    pub positions: Vec<i16>,
    pub columns: Vec<String>,
}

#[derive(FromRow)]
pub(super) struct ForeignKeyRow {
    pub name: String,
    pub relation: i64,
    pub foreign_relation: i64,
    pub own_schema: String,
    pub own_name: String,
    pub other_schema: String,
    pub other_name: String,
    pub positions: Vec<i16>,
    pub foreign_positions: Vec<i16>,
    pub columns: Vec<String>,
    pub foreign_columns: Vec<String>,
    pub is_one_to_one: bool,
}

#[derive(FromRow)]
pub(super) struct ViewRow {
    pub oid: i64,
    pub schema: String,
    pub name: String,
    pub is_exposed: bool,
    pub definition: String,
}

#[derive(FromRow)]
pub(super) struct ComputedRow {
    pub function_schema: String,
    pub function_name: String,
    pub own_schema: String,
    pub own_name: String,
    pub other_schema: String,
    pub other_name: String,
    pub to_one: bool,
}

#[derive(FromRow)]
pub(super) struct RoutineRow {
    pub oid: i64,
    pub schema: String,
    pub name: String,
    pub comment: Option<String>,
    pub names: Vec<String>,
    pub types: Vec<String>,
    pub unbounded_types: Vec<String>,
    pub variadics: Vec<bool>,
    pub required: i16,
    pub return_schema: String,
    pub return_name: String,
    pub returns_set: bool,
    pub returns_composite: bool,
    pub returns_alias: bool,
    pub volatility: String,
    pub is_variadic: bool,
    pub settings: Vec<String>,
}

#[derive(FromRow)]
pub(super) struct RepresentationRow {
    pub source: String,
    pub target: String,
    pub function: String,
}

#[derive(FromRow)]
pub(super) struct MediaHandlerRow {
    pub function_schema: String,
    pub function_name: String,
    pub target_schema: Option<String>,
    pub target_name: Option<String>,
    pub media_type: String,
}

#[derive(FromRow)]
pub(super) struct TimeZoneRow {
    pub name: String,
}
