//! What was asked for and is not in the schema cache, or is there more than once.

use super::{Cardinality, KeyColumns, Relationship, Routine, SinglePayload};
use catalog::Ident;
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SchemaError {
    #[error("no relationship between {origin} and {target}")]
    NoRelationship {
        schema: String,
        origin: String,
        target: String,
        hint: Option<String>,
        /// The name that may have been meant, and the one it would replace.
        suggestion: Option<(String, String)>,
    },
    #[error("more than one relationship between {origin} and {target}")]
    AmbiguousRelationship { origin: String, target: String, found: Vec<Relationship> },
    #[error("no routine {schema}.{name} takes these arguments")]
    NoRoutine {
        schema: String,
        name: String,
        arguments: Vec<String>,
        payload: SinglePayload,
        /// What may have been meant, written as a call without its schema.
        suggestion: Option<String>,
    },
    #[error("more than one routine takes these arguments")]
    AmbiguousRoutine { found: Vec<Routine> },
    #[error("no column {column} on {relation}")]
    NoColumn { relation: String, column: String },
    #[error("no table {schema}.{name}")]
    NoTable { schema: String, name: String, suggestion: Option<String> },
}

/// What a caller reads of it, in PostgREST's words.
#[derive(Debug, Clone, PartialEq)]
pub struct SchemaProblem {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    pub details: Option<Value>,
    pub hint: Option<String>,
}

impl SchemaError {
    pub fn problem(&self) -> SchemaProblem {
        let (status, code, message, details, hint) = match self {
            Self::NoRelationship { schema, origin, target, hint, suggestion } => (
                400,
                "PGRST200",
                format!("Could not find a relationship between '{origin}' and '{target}' in the schema cache"),
                Some(searched_relationship(schema, origin, target, hint.as_deref()).into()),
                suggestion.as_ref().map(|(meant, said)| format!("Perhaps you meant '{meant}' instead of '{said}'.")),
            ),
            Self::AmbiguousRelationship { origin, target, found } => (
                300,
                "PGRST201",
                format!("Could not embed because more than one relationship was found for '{origin}' and '{target}'"),
                Some(found.iter().map(described).collect()),
                Some(choice(target, found)),
            ),
            Self::NoRoutine { schema, name, arguments, payload, suggestion } => (
                404,
                "PGRST202",
                format!("Could not find the function {schema}.{name}{} in the schema cache", called(arguments, *payload)),
                Some(searched_routine(schema, name, arguments, *payload).into()),
                suggestion.as_ref().map(|call| format!("Perhaps you meant to call the function {schema}.{call}")),
            ),
            Self::AmbiguousRoutine { found } => (
                300,
                "PGRST203",
                format!("Could not choose the best candidate function between: {}", join(found.iter().map(declared))),
                None,
                Some("Try renaming the parameters or the function itself in the database so function overloading can be resolved".to_owned()),
            ),
            Self::NoColumn { relation, column } => (
                400,
                "PGRST204",
                format!("Could not find the '{column}' column of '{relation}' in the schema cache"),
                None,
                None,
            ),
            Self::NoTable { schema, name, suggestion } => (
                404,
                "PGRST205",
                format!("Could not find the table '{schema}.{name}' in the schema cache"),
                None,
                suggestion.as_ref().map(|meant| format!("Perhaps you meant the table '{schema}.{meant}'")),
            ),
        };
        SchemaProblem { status, code, message, details, hint }
    }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn searched_relationship(schema: &str, origin: &str, target: &str, hint: Option<&str>) -> String {
    let hint = hint.map(|hint| format!(" using the hint '{hint}'")).unwrap_or_default();
    format!(
        "Searched for a foreign key relationship between '{origin}' and '{target}'{hint} in the schema '{schema}', but no matches were found."
    )
}

/// A body of these types can only be the one argument, so there is no list to show.
fn is_whole_body(payload: SinglePayload) -> bool {
    matches!(payload, SinglePayload::Text | SinglePayload::Xml | SinglePayload::Bytes)
}

fn called(arguments: &[String], payload: SinglePayload) -> String {
    if is_whole_body(payload) {
        return String::new();
    }
    if arguments.is_empty() {
        return " without parameters".to_owned();
    }
    format!("({})", arguments.join(", "))
}

fn searched_routine(
    schema: &str,
    name: &str,
    arguments: &[String],
    payload: SinglePayload,
) -> String {
    let listed = match arguments {
        [] => " without parameters".to_owned(),
        [one] => format!(" with parameter {one}"),
        several => format!(" with parameters {}", several.join(", ")),
    };
    let how = match payload {
        SinglePayload::No => listed,
        SinglePayload::Json => listed + " or with a single unnamed json/jsonb parameter",
        SinglePayload::Text => " with a single unnamed text parameter".to_owned(),
        SinglePayload::Xml => " with a single unnamed xml parameter".to_owned(),
        SinglePayload::Bytes => " with a single unnamed bytea parameter".to_owned(),
    };
    format!(
        "Searched for the function {schema}.{name}{how}, but no matches were found in the schema cache."
    )
}

fn declared(routine: &Routine) -> String {
    let parameters = routine.parameters.iter().map(|parameter| {
        let name = parameter.name.as_ref().map_or("", Ident::as_str);
        format!("{name} => {}", parameter.data_type)
    });
    format!("{}({})", routine.name, join(parameters))
}

/// One of several relationships, as the details list it.
fn described(relationship: &Relationship) -> Value {
    let (table, foreign) = (&relationship.table().name, &relationship.foreign_table().name);
    let through_key = |kind: &str, key: &KeyColumns| {
        let own = in_brackets(key.columns.iter().map(|(column, _)| column));
        let other = in_brackets(key.columns.iter().map(|(_, column)| column));
        let words = format!("{} using {table}{own} and {foreign}{other}", key.constraint);
        (kind.to_owned(), words)
    };
    let (cardinality, words) = match relationship.cardinality() {
        Some(Cardinality::OneToMany(key)) => through_key("one-to-many", key),
        Some(Cardinality::ManyToOne(key)) => through_key("many-to-one", key),
        Some(Cardinality::OneToOne { key, .. }) => through_key("one-to-one", key),
        Some(Cardinality::ManyToMany(junction)) => {
            let source = in_brackets(junction.source_columns.iter().map(|(_, column)| column));
            let target = in_brackets(junction.target_columns.iter().map(|(_, column)| column));
            let words = format!(
                "{} using {}{source} and {}{target}",
                junction.table.name, junction.source_constraint, junction.target_constraint
            );
            ("many-to-many".to_owned(), words)
        }
        None => return json!({}),
    };
    json!({
        "cardinality": cardinality,
        "embedding": format!("{table} with {foreign}"),
        "relationship": words,
    })
}

fn in_brackets<'c>(columns: impl Iterator<Item = &'c Ident>) -> String {
    format!("({})", join(columns.map(|column| column.as_str().to_owned())))
}

fn choice(target: &str, found: &[Relationship]) -> String {
    let hints = found.iter().map(|relationship| {
        let by = match relationship.cardinality() {
            Some(Cardinality::ManyToMany(junction)) => junction.table.name.as_str(),
            Some(other) => other.key().map_or("", |key| key.constraint.as_str()),
            None => return String::new(),
        };
        format!("'{}!{by}'", relationship.foreign_table().name)
    });
    format!(
        "Try changing '{target}' to one of the following: {}. Find the desired relationship in the 'details' key.",
        join(hints)
    )
}
