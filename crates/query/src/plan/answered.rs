//! Which types come back in a form that is read here, and which the database must make JSON of:
//! those of extensions, multiranges, and the rarer ones of its own.

use catalog::{DataType, TypeKind};

/// The backend's row writer has a form for the type, and for every part of it.
pub(super) fn is_written_here(data_type: &DataType) -> bool {
    let data_type = data_type.underlying();
    match &data_type.kind {
        TypeKind::Array(element) => is_written_here(element),
        TypeKind::Base(name) => is_known(name),
        // Those of the six ranges that PostgreSQL comes with; a multirange counts as a range.
        TypeKind::Range => matches!(data_type.oid, 3904 | 3906 | 3908 | 3910 | 3912 | 3926),
        // Any of its parts may be of a type without a form, and the catalog does not say which it has.
        TypeKind::Composite => false,
        TypeKind::Enum(_) | TypeKind::Domain(_) | TypeKind::Other => true,
    }
}

fn is_known(name: &str) -> bool {
    matches!(
        name,
        "bool"
            | "int2"
            | "int4"
            | "int8"
            | "float4"
            | "float8"
            | "numeric"
            | "oid"
            | "text"
            | "varchar"
            | "bpchar"
            | "name"
            | "char"
            | "citext"
            | "xml"
            | "refcursor"
            | "uuid"
            | "json"
            | "jsonb"
            | "bytea"
            | "bit"
            | "varbit"
            | "date"
            | "time"
            | "timetz"
            | "timestamp"
            | "timestamptz"
            | "interval"
            | "inet"
            | "cidr"
            | "macaddr"
            | "macaddr8"
    )
}
