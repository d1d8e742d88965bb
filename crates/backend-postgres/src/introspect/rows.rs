//! The rows of the catalog queries, as the SQL files beside this name them.

use sqlx::FromRow;

#[derive(FromRow)]
pub(super) struct SessionRow {
    pub version: String,
    pub search_path: Vec<String>,
}

#[derive(FromRow)]
pub(super) struct TableRow {
    pub oid: i64,
    pub schema: String,
    pub name: String,
    pub kind: String,
    pub estimated_rows: Option<i64>,
    pub comment: Option<String>,
    pub row_security: bool,
}

#[derive(FromRow)]
pub(super) struct ColumnRow {
    pub relation: i64,
    pub name: String,
    #[sqlx(rename = "type")]
    pub type_oid: i64,
    pub sql_type: String,
    pub nullable: bool,
    pub default_value: Option<String>,
    pub identity: String,
    pub generated: String,
    pub comment: Option<String>,
}

#[derive(FromRow)]
pub(super) struct TypeRow {
    pub oid: i64,
    pub schema: String,
    pub name: String,
    pub sql_type: String,
    pub kind: String,
    pub element: i64,
    pub base: i64,
    pub base_sql: Option<String>,
}

#[derive(FromRow)]
pub(super) struct EnumRow {
    pub schema: String,
    pub name: String,
    pub labels: Vec<String>,
}

#[derive(FromRow)]
pub(super) struct UniqueKeyRow {
    pub relation: i64,
    pub name: String,
    pub is_primary: bool,
    pub columns: Vec<String>,
}

#[derive(FromRow)]
pub(super) struct ForeignKeyRow {
    pub relation: i64,
    pub name: String,
    pub target_schema: String,
    pub target_name: String,
    pub columns: Vec<String>,
    pub target_columns: Vec<String>,
}

#[derive(FromRow)]
pub(super) struct RoutineRow {
    pub schema: String,
    pub name: String,
    pub kind: String,
    pub volatility: String,
    pub returns_set: bool,
    pub return_type: i64,
    pub return_sql: Option<String>,
    pub return_kind: Option<String>,
    /// How many of the last arguments that go in have one.
    pub defaults: i32,
    /// Empty when no argument has a name.
    pub argument_names: Vec<String>,
    /// Empty when all of them only go in.
    pub argument_modes: Vec<String>,
    pub argument_types: Vec<i64>,
    pub argument_sql: Vec<String>,
    pub comment: Option<String>,
}

#[derive(FromRow)]
pub(super) struct CompositeRow {
    #[sqlx(rename = "type")]
    pub type_oid: i64,
    pub name: String,
    pub column_type: i64,
    pub sql_type: String,
}

#[derive(FromRow)]
pub(super) struct NameRow {
    pub schema: String,
    pub name: String,
}
