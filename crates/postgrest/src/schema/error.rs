//! What was asked for and is not in the schema cache.

use super::{Relationship, Routine, SinglePayload};

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
        /// What may have been meant, written as a call.
        suggestion: Option<String>,
    },
    #[error("more than one routine takes these arguments")]
    AmbiguousRoutine { found: Vec<Routine> },
    #[error("no column {column} on {relation}")]
    NoColumn { relation: String, column: String },
    #[error("no table {schema}.{name}")]
    NoTable { schema: String, name: String, suggestion: Option<String> },
}
