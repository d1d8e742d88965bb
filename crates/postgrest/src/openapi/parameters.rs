//! Parameters that operations refer to by name.

use super::{Visible, object};
use serde_json::{Map, Value, json};

pub(super) fn parameters(visible: &Visible<'_>) -> Value {
    let mut all = Map::new();
    for (key, values) in PREFERENCES {
        all.insert((*key).to_owned(), preference(values));
    }
    for (key, name, place, description) in COMMON {
        all.insert((*key).to_owned(), common(name, place, description));
    }
    all["rangeUnit"]["default"] = json!("items");
    for relation in &visible.relations {
        let name = relation.name.name.as_str();
        all.insert(format!("body.{name}"), body(name));
        for column in relation.columns.values() {
            let filter = row_filter(column.name.as_str(), column.comment.as_deref());
            all.insert(format!("rowFilter.{name}.{}", column.name), filter);
        }
    }
    Value::Object(all)
}

const PREFERENCES: &[(&str, &[&str])] = &[
    ("preferParams", &[]),
    ("preferReturn", &["return=representation", "return=minimal", "return=none"]),
    ("preferCount", &["count=none"]),
    (
        "preferPost",
        &[
            "return=representation",
            "return=minimal",
            "return=none",
            "resolution=ignore-duplicates",
            "resolution=merge-duplicates",
        ],
    ),
];

const COMMON: &[(&str, &str, &str, &str)] = &[
    ("select", "select", "query", "Filtering Columns"),
    ("on_conflict", "on_conflict", "query", "On Conflict"),
    ("order", "order", "query", "Ordering"),
    ("range", "Range", "header", "Limiting and Pagination"),
    ("rangeUnit", "Range-Unit", "header", "Limiting and Pagination"),
    ("offset", "offset", "query", "Limiting and Pagination"),
    ("limit", "limit", "query", "Limiting and Pagination"),
];

fn preference(values: &[&str]) -> Value {
    object([
        ("name", Some("Prefer".into())),
        ("description", Some("Preference".into())),
        ("required", Some(false.into())),
        ("in", Some("header".into())),
        ("type", Some("string".into())),
        ("enum", (!values.is_empty()).then(|| json!(values))),
    ])
}

fn common(name: &str, place: &str, description: &str) -> Value {
    json!({
        "name": name,
        "description": description,
        "required": false,
        "in": place,
        "type": "string",
    })
}

fn body(relation: &str) -> Value {
    json!({
        "name": relation,
        "description": relation,
        "required": false,
        "in": "body",
        "schema": {"$ref": format!("#/definitions/{relation}")},
    })
}

fn row_filter(column: &str, comment: Option<&str>) -> Value {
    object([
        ("name", Some(column.into())),
        ("description", comment.map(Value::from)),
        ("required", Some(false.into())),
        ("in", Some("query".into())),
        ("type", Some("string".into())),
    ])
}
