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
