//! Older and reduced snapshots made into version 7, as a JSON value.

use super::Warning;
use serde_json::{Map, Value, json};

const NO_ID: &str = "00000000-0000-0000-0000-000000000000";

/// Version 5 keys tables and enums by bare name and keeps enum values as a map.
pub(super) fn from_v5(snapshot: &mut Value, warnings: &mut Vec<Warning>) {
    for kind in ["tables", "enums"] {
        let Some(Value::Object(old)) = snapshot.get_mut(kind) else { continue };
        let mut keyed = Map::new();
        for (name, mut value) in std::mem::take(old) {
            let schema = value.get("schema").and_then(Value::as_str).unwrap_or_default();
            let schema = if schema.is_empty() { "public" } else { schema }.to_owned();
            if let Some(object) = value.as_object_mut() {
                if kind == "enums" {
                    object.insert("schema".into(), schema.clone().into());
                }
                if let Some(Value::Object(values)) = object.get("values") {
                    let values = values.values().cloned().collect();
                    object.insert("values".into(), Value::Array(values));
                }
            }
            keyed.insert(format!("{schema}.{name}"), value);
        }
        snapshot[kind] = Value::Object(keyed);
    }
    from_v6(snapshot, warnings, "5");
}

/// Version 6 lists index columns as plain strings; what it lacks is empty.
pub(super) fn from_v6(snapshot: &mut Value, warnings: &mut Vec<Warning>, found: &str) {
    warnings.push(Warning::OldVersion { found: found.to_owned() });
    for index in indexes_of(snapshot) {
        let Some(Value::Array(columns)) = index.get_mut("columns") else { continue };
        for column in columns {
            if let Value::String(name) = column {
                *column = json!({
                    "expression": name, "isExpression": false, "asc": true, "nulls": "last"
                });
            }
        }
    }
    snapshot["version"] = "7".into();
    snapshot["dialect"] = "postgresql".into();
}

fn indexes_of(snapshot: &mut Value) -> impl Iterator<Item = &mut Value> {
    let tables = snapshot.get_mut("tables").and_then(Value::as_object_mut);
    tables
        .into_iter()
        .flat_map(|tables| tables.values_mut())
        .filter_map(|table| table.get_mut("indexes").and_then(Value::as_object_mut))
        .flat_map(|indexes| indexes.values_mut())
}

/// The hand-reduced shape: `{tables: {t: {columns: {c: {type, notNull, default?}}}}}`.
pub(super) fn from_reduced(snapshot: &mut Value, warnings: &mut Vec<Warning>) {
    warnings.push(Warning::Reduced);
    let Some(object) = snapshot.as_object_mut() else { return };
    for (key, value) in [("id", NO_ID), ("prevId", ""), ("version", "7"), ("dialect", "postgresql")]
    {
        object.entry(key).or_insert_with(|| value.into());
    }
    let Some(Value::Object(old)) = object.get_mut("tables") else { return };
    let mut tables = Map::new();
    for (key, mut table) in std::mem::take(old) {
        let (schema, name) = key.split_once('.').unwrap_or(("public", &key));
        let (schema, name) = (schema.to_owned(), name.to_owned());
        if let Some(object) = table.as_object_mut() {
            object.entry("name").or_insert_with(|| name.clone().into());
            let stored = if schema == "public" { "" } else { &schema };
            object.entry("schema").or_insert_with(|| stored.into());
            if let Some(Value::Object(columns)) = object.get_mut("columns") {
                for (column, value) in columns.iter_mut() {
                    if let Some(value) = value.as_object_mut() {
                        value.entry("name").or_insert_with(|| column.clone().into());
                    }
                }
            }
        }
        tables.insert(format!("{schema}.{name}"), table);
    }
    object.insert("tables".into(), Value::Object(tables));
}
