//! Declared types, which SQLite takes in any words, as the base types this program knows.

use catalog::{DataType, TypeKind};

/// A column's type: what is known of it by name first, then by SQLite's own rules of affinity.
pub(super) fn data_type(declared: &str) -> DataType {
    let (words, modifier) = parts(declared);
    let (base, sql) = known(&words).unwrap_or_else(|| by_affinity(&words));
    let sql = match base {
        "numeric" | "varchar" => format!("{sql}{modifier}"),
        _ => sql.to_owned(),
    };
    DataType { oid: 0, sql, kind: TypeKind::Base(base.to_owned()) }
}

/// `Decimal (12, 2)` is `DECIMAL` and `(12,2)`.
fn parts(declared: &str) -> (String, String) {
    let (name, rest) = declared.split_once('(').unwrap_or((declared, ""));
    let (arguments, after) = rest.split_once(')').unwrap_or(("", ""));
    let words: Vec<_> = name.split_whitespace().chain(after.split_whitespace()).collect();
    let is_plain = |c: char| c.is_ascii_digit() || c == ',';
    let arguments: String = arguments.chars().filter(|c| !c.is_whitespace()).collect();
    let is_modifier = !arguments.is_empty() && arguments.chars().all(is_plain);
    let modifier = if is_modifier { format!("({arguments})") } else { String::new() };
    (words.join(" ").to_ascii_uppercase(), modifier)
}

/// The base type and how it is spelled for people.
fn known(words: &str) -> Option<(&'static str, &'static str)> {
    Some(match words {
        "BOOL" | "BOOLEAN" => ("bool", "boolean"),
        "JSON" | "JSONB" => ("json", "json"),
        "UUID" | "GUID" => ("uuid", "uuid"),
        "DATE" => ("date", "date"),
        "TIME" => ("time", "time"),
        "DATETIME" | "TIMESTAMP" | "TIMESTAMP WITHOUT TIME ZONE" => {
            ("timestamp", "timestamp without time zone")
        }
        "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" => ("timestamptz", "timestamp with time zone"),
        "BYTEA" | "BINARY" | "VARBINARY" => ("bytea", "bytea"),
        "NUMERIC" | "DECIMAL" | "NUMBER" | "MONEY" => ("numeric", "numeric"),
        // It may hold anything; people see and edit it as text.
        "" | "ANY" => ("any", "text"),
        _ => return None,
    })
}

/// https://sqlite.org/datatype3.html#determination_of_column_affinity
fn by_affinity(words: &str) -> (&'static str, &'static str) {
    let has = |part: &&str| words.contains(part);
    if words.contains("INT") {
        ("int8", "bigint")
    } else if words.contains("CHAR") {
        ("varchar", "varchar")
    } else if ["CLOB", "TEXT"].iter().any(has) {
        ("text", "text")
    } else if words.contains("BLOB") {
        ("bytea", "bytea")
    } else if ["REAL", "FLOA", "DOUB"].iter().any(has) {
        ("float8", "double precision")
    } else {
        ("any", "text")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_types_are_known_in_any_spelling() {
        for (declared, base, sql) in [
            ("INTEGER", "int8", "bigint"),
            ("int(11)", "int8", "bigint"),
            ("UNSIGNED BIG INT", "int8", "bigint"),
            ("Text", "text", "text"),
            ("VARCHAR(20)", "varchar", "varchar(20)"),
            ("NATIVE CHARACTER(70)", "varchar", "varchar(70)"),
            ("REAL", "float8", "double precision"),
            ("DOUBLE PRECISION", "float8", "double precision"),
            ("DECIMAL (12, 2)", "numeric", "numeric(12,2)"),
            ("Boolean", "bool", "boolean"),
            ("DATETIME", "timestamp", "timestamp without time zone"),
            ("timestamp(3) with time zone", "timestamptz", "timestamp with time zone"),
            ("UUID", "uuid", "uuid"),
            ("jsonb", "json", "json"),
            ("BLOB", "bytea", "bytea"),
            ("", "any", "text"),
            ("STRING", "any", "text"),
            ("numeric('; drop", "numeric", "numeric"),
        ] {
            let found = data_type(declared);
            assert_eq!((found.base_name(), found.sql.as_str()), (base, sql), "{declared}");
        }
    }
}
