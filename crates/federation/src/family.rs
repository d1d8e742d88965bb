//! What a remote type is, as far as fields care.

use catalog::{DataType, TypeKind};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    Text,
    Integer,
    Bigint,
    Numeric,
    Float,
    Boolean,
    Date,
    Time,
    Timestamp,
    Json,
    Uuid,
    Bytes,
    Enum,
    Array,
    Vector,
    Unknown,
}

impl Family {
    pub const ALL: [Self; 16] = [
        Self::Text,
        Self::Integer,
        Self::Bigint,
        Self::Numeric,
        Self::Float,
        Self::Boolean,
        Self::Date,
        Self::Time,
        Self::Timestamp,
        Self::Json,
        Self::Uuid,
        Self::Bytes,
        Self::Enum,
        Self::Array,
        Self::Vector,
        Self::Unknown,
    ];

    /// A domain is what it is over.
    pub fn of(data_type: &DataType) -> Self {
        match &data_type.underlying().kind {
            TypeKind::Base(name) => Self::of_base(name),
            TypeKind::Enum(_) => Self::Enum,
            TypeKind::Array(_) => Self::Array,
            // A row as a value is written as a JSON object.
            TypeKind::Composite => Self::Json,
            TypeKind::Domain(_) | TypeKind::Range | TypeKind::Other => Self::Unknown,
        }
    }

    /// By the bare name of a base type, in the spelling of any of the dialects.
    pub fn of_base(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "text" | "varchar" | "bpchar" | "char" | "name" | "citext" | "ascii" => Self::Text,
            "int2" | "int4" | "smallint" | "int" | "integer" | "tinyint" => Self::Integer,
            "int8" | "bigint" | "oid" | "counter" | "varint" => Self::Bigint,
            "numeric" | "decimal" => Self::Numeric,
            "float4" | "float8" | "float" | "double" | "real" => Self::Float,
            "bool" | "boolean" => Self::Boolean,
            "date" => Self::Date,
            "time" | "timetz" => Self::Time,
            "timestamp" | "timestamptz" => Self::Timestamp,
            "json" | "jsonb" | "hstore" | "map" | "udt" => Self::Json,
            "uuid" | "timeuuid" => Self::Uuid,
            "bytea" | "blob" => Self::Bytes,
            "list" | "set" => Self::Array,
            "vector" | "halfvec" => Self::Vector,
            _ => Self::Unknown,
        }
    }
}
