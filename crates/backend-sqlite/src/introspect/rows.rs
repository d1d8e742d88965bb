//! The rows of the catalog queries, as the SQL files beside this name them.

use sqlx::FromRow;

#[derive(FromRow)]
pub(super) struct TableRow {
    pub name: String,
    pub kind: String,
    pub without_rowid: bool,
    pub strict: bool,
}

#[derive(FromRow)]
pub(super) struct ColumnRow {
    pub name: String,
    pub declared: String,
    pub not_null: bool,
    pub default_value: Option<String>,
    /// 0 outside the primary key, else the place in it.
    pub key_position: i64,
    pub hidden: i64,
}

#[derive(FromRow)]
pub(super) struct UniqueKeyRow {
    pub name: String,
    /// `pk`, `u` or `c`: the primary key, a constraint, or an index made by hand.
    pub origin: String,
    /// Null for an expression.
    pub column_name: Option<String>,
}

#[derive(FromRow)]
pub(super) struct ForeignKeyRow {
    pub id: i64,
    pub target: String,
    pub column_name: String,
    /// Null for the target's primary key.
    pub target_column: Option<String>,
}
