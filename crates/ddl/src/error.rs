//! Why a wish cannot become a statement.

use api_types::Problem;
use catalog::IdentError;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DdlError {
    #[error("the body is no object")]
    NotAnObject,
    #[error("there is no field {path}")]
    UnknownField { path: String },
    #[error("{path} is missing")]
    Missing { path: String },
    #[error("{path} is not {expected}")]
    Invalid { path: String, expected: &'static str },
    #[error("{path} holds more than {limit}")]
    TooMany { path: String, limit: usize },
    #[error("{path}: {source}")]
    Name { path: String, source: IdentError },
    #[error("{path} names the schema {schema}")]
    ReservedSchema { path: String, schema: String },
    #[error("{path} names the column {column}, which is made without being asked for")]
    ReservedColumn { path: String, column: String },
    #[error("{path}: {reason}")]
    Unreadable { path: String, reason: String },
    #[error("{path}: {value} is not among what is allowed")]
    NotAllowed { path: String, value: String, allowed: Vec<String> },
    #[error("functions may not run with the rights of who made them")]
    SecurityDefiner,
}

impl DdlError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::NotAnObject => Problem::new(400, "invalid_body", "The body must be an object"),
            Self::UnknownField { path } => {
                let text = format!("Unknown field '{path}'");
                Problem::new(400, "unknown_field", text).with_detail("field", path.as_str())
            }
            Self::Missing { path } => {
                Problem::new(400, "missing_field", format!("{path} is required"))
                    .with_detail("field", path.as_str())
            }
            Self::Invalid { path, expected } => {
                Problem::new(400, "invalid_field", format!("{path} must be {expected}"))
                    .with_detail("field", path.as_str())
            }
            Self::TooMany { path, limit } => {
                let text = format!("{path} has at most {limit} entries");
                Problem::new(400, "invalid_field", text).with_detail("field", path.as_str())
            }
            Self::Name { path, source } => {
                let text = format!("{path} is no name the database can have: {source}");
                Problem::new(400, "invalid_identifier", text).with_detail("field", path.as_str())
            }
            Self::ReservedSchema { path, schema } => {
                let text = format!("The schema '{schema}' belongs to the database itself");
                Problem::new(403, "reserved_schema", text)
                    .with_detail("field", path.as_str())
                    .with_detail("schema", schema.as_str())
            }
            Self::ReservedColumn { path, column } => {
                let text = format!("The column '{column}' is one that every new table gets");
                Problem::new(400, "reserved_column", text)
                    .with_detail("field", path.as_str())
                    .with_detail("column", column.as_str())
                    .with_hint("Say auto_columns: false for a table without these columns.")
            }
            Self::Unreadable { path, reason } => {
                let text = format!("{path} cannot be understood: {reason}");
                Problem::new(400, "invalid_definition", text).with_detail("field", path.as_str())
            }
            Self::NotAllowed { path, value, allowed } => {
                let text = format!("'{value}' is not allowed as {path}");
                Problem::new(400, "not_allowed", text)
                    .with_detail("field", path.as_str())
                    .with_detail("allowed", allowed.clone())
            }
            Self::SecurityDefiner => {
                let text = "Functions that run with the rights of who made them are not allowed";
                Problem::new(400, "security_definer_not_allowed", text)
                    .with_detail("field", "ddl")
                    .with_hint("Write SECURITY INVOKER, or leave it out.")
            }
        }
    }
}

/// Enough of what was typed to recognise it by.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}
