//! The types a condition may be compared in: plain ones, by a fixed list.

use catalog::{DataType, TypeKind};

/// A type of the list, by its name in the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CastType(&'static str);

impl CastType {
    pub const TEXT: Self = Self("text");

    /// A type by any of its names.
    pub fn parse(word: &str) -> Option<Self> {
        Some(Self(match word.trim().to_ascii_lowercase().as_str() {
            "text" => "text",
            "varchar" | "character varying" => "varchar",
            "uuid" => "uuid",
            "int2" | "smallint" => "int2",
            "int4" | "int" | "integer" => "int4",
            "int8" | "bigint" => "int8",
            "numeric" | "decimal" => "numeric",
            "float4" | "real" => "float4",
            "float8" | "double precision" => "float8",
            "bool" | "boolean" => "bool",
            "date" => "date",
            "time" => "time",
            "timetz" => "timetz",
            "timestamp" | "timestamp without time zone" => "timestamp",
            "timestamptz" | "timestamp with time zone" => "timestamptz",
            "interval" => "interval",
            _ => return None,
        }))
    }

    pub fn name(self) -> &'static str {
        self.0
    }

    pub(crate) fn data_type(self) -> DataType {
        DataType { oid: 0, sql: self.0.to_owned(), kind: TypeKind::Base(self.0.to_owned()) }
    }
}

/// How a condition's two sides are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Casts {
    pub column: Option<CastType>,
    pub value: Option<CastType>,
    /// Not asked for: the value looked like a UUID.
    pub is_automatic: bool,
}
