//! What columns were declared to hold. SQLite keeps a boolean as a number and JSON as a text, so
//! only the declaration tells how a value is answered.

use catalog::{SchemaCache, TypeKind};
use sqlx::{Column, ColumnOrigin, TypeInfo, sqlite::SqliteColumn};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// How a column's values are answered, beyond what their storage class says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    Bool,
    Json,
    Timestamp,
    TimestampTz,
}

/// The kinds of all columns that are not plain, by table and name.
#[derive(Debug, Default)]
pub(crate) struct Types(HashMap<String, HashMap<String, Kind>>);

/// The types as last read.
#[derive(Debug, Default)]
pub(crate) struct Declared(RwLock<Arc<Types>>);

impl Declared {
    pub(crate) fn current(&self) -> Arc<Types> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn learn(&self, cache: &SchemaCache) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Types::of(cache));
    }
}

impl Types {
    fn of(cache: &SchemaCache) -> Self {
        let columns = |table: &catalog::Table| {
            let columns = table.columns.iter();
            columns.map(|c| (c.name.as_str().to_owned(), kind_of(&c.data_type.kind))).collect()
        };
        let tables = cache.tables();
        Self(tables.map(|table| (table.name.name.as_str().to_owned(), columns(table))).collect())
    }

    /// By where the column comes from; for a table made since the schema was read, by the name of
    /// the type that the driver knows.
    pub(crate) fn kind(&self, column: &SqliteColumn) -> Kind {
        if let ColumnOrigin::Table(origin) = column.origin()
            && let Some(columns) = self.0.get(origin.table.as_ref())
            && let Some(kind) = columns.get(origin.name.as_ref())
        {
            return *kind;
        }
        match column.type_info().name() {
            "BOOLEAN" => Kind::Bool,
            "DATETIME" => Kind::Timestamp,
            _ => Kind::Plain,
        }
    }
}

fn kind_of(kind: &TypeKind) -> Kind {
    match kind {
        TypeKind::Base(name) => match name.as_str() {
            "bool" => Kind::Bool,
            "json" => Kind::Json,
            "timestamp" => Kind::Timestamp,
            "timestamptz" => Kind::TimestampTz,
            _ => Kind::Plain,
        },
        TypeKind::Enum(_)
        | TypeKind::Domain(_)
        | TypeKind::Array(_)
        | TypeKind::Range
        | TypeKind::Composite
        | TypeKind::Other => Kind::Plain,
    }
}
