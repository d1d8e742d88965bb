//! What a row of each relation looks like.

use super::{
    Visible, object,
    types::{default_of, format_of, items_of, type_of},
};
use crate::schema::{Cardinality, Column, Relation, Relationship, SchemaCache};
use serde_json::{Map, Value};

pub(super) fn definitions(visible: &Visible<'_>) -> Value {
    let relations = visible.relations.iter();
    let all = relations.map(|relation| {
        (relation.name.name.as_str().to_owned(), definition(visible.cache, relation))
    });
    Value::Object(all.collect())
}

fn definition(cache: &SchemaCache, relation: &Relation) -> Value {
    let required = relation.columns.values().filter(|column| !column.is_nullable);
    let required: Vec<Value> = required.map(|column| column.name.as_str().into()).collect();
    let properties: Map<String, Value> = relation
        .columns
        .values()
        .map(|column| (column.name.as_str().to_owned(), property(cache, relation, column)))
        .collect();
    object([
        ("description", relation.comment.as_deref().map(Value::from)),
        ("required", some_list(required)),
        ("properties", Some(properties).filter(|all| !all.is_empty()).map(Value::Object)),
        ("type", Some("object".into())),
    ])
}

pub(super) fn some_list(list: Vec<Value>) -> Option<Value> {
    (!list.is_empty()).then(|| Value::Array(list))
}

fn property(cache: &SchemaCache, relation: &Relation, column: &Column) -> Value {
    let labels = column.enum_labels.iter().map(|label| Value::from(label.as_str())).collect();
    let default = column.default.as_deref();
    object([
        ("default", default.and_then(|default| default_of(&column.data_type, default))),
        ("description", description(cache, relation, column).map(Value::from)),
        ("enum", some_list(labels)),
        ("format", Some(format_of(&column.data_type).into())),
        ("maxLength", column.max_length.map(Value::from)),
        ("type", type_of(&column.data_type).map(Value::from)),
        ("items", items_of(&column.data_type)),
    ])
}

/// The comment, and a note on keys that programs read too.
fn description(cache: &SchemaCache, relation: &Relation, column: &Column) -> Option<String> {
    let is_key = relation.primary_key.contains(&column.name);
    let primary = is_key.then(|| "This is a Primary Key.<pk/>".to_owned());
    let notes: Vec<String> =
        primary.into_iter().chain(foreign_key(cache, relation, column)).collect();
    if notes.is_empty() {
        return column.comment.clone();
    }
    let comment = column.comment.as_ref().map(|comment| format!("{comment}\n\n"));
    Some(format!("{}Note:\n{}", comment.unwrap_or_default(), notes.join("\n")))
}

/// What a column that is a whole foreign key refers to; a table rather than a view.
fn foreign_key(cache: &SchemaCache, relation: &Relation, column: &Column) -> Option<String> {
    let (schema, table) = (relation.name.schema.as_str(), relation.name.name.as_str());
    let ways = cache.relationships(schema, table).iter();
    let to = |way: &Relationship| {
        let Relationship::Keyed { foreign_table, cardinality, foreign_table_is_view, .. } = way
        else {
            return None;
        };
        let (Cardinality::ManyToOne(key) | Cardinality::OneToOne { key, is_parent: false }) =
            cardinality
        else {
            return None;
        };
        let (own, foreign) = key.single()?;
        let is_this = *own == column.name && foreign_table.schema.as_str() == schema;
        is_this.then(|| (*foreign_table_is_view, foreign_table.name.clone(), foreign.clone()))
    };
    let (_, table, column) = ways.filter_map(to).min_by_key(|(is_view, ..)| *is_view)?;
    Some(format!(
        "This is a Foreign Key to `{table}.{column}`.<fk table='{table}' column='{column}'/>"
    ))
}
