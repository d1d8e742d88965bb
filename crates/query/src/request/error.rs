//! What was said cannot be understood.

use api_types::Problem;

#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    #[error("the body is not valid JSON")]
    InvalidJson(#[source] serde_json::Error),
    #[error("the body is not a JSON object")]
    NotAnObject,
    #[error("the field {field} stands twice in the body")]
    RepeatedField { field: String },
    #[error("the field {field} is not known")]
    UnknownField { field: String },
    #[error("the fields {first} and {second} contradict each other")]
    ConflictingFields { first: String, second: String },
    #[error("{text}")]
    MissingField { field: &'static str, text: &'static str },
    #[error("the field {field} is not {expected}")]
    InvalidField { field: String, expected: &'static str },
    #[error("the field {field} is not supported")]
    NotSupported { field: String },
    #[error("the name in {field} has too many parts or an empty one")]
    InvalidName { field: &'static str, name: String },
    #[error("{path} is not {expected}")]
    InvalidPayload { path: String, expected: &'static str },
    #[error("the row to insert has no columns")]
    NoColumns,
    #[error("{path}: {reason}")]
    InvalidCondition { path: String, reason: &'static str },
    #[error("{path}: unknown operator")]
    UnknownOperator { path: String, operator: String },
    #[error("{path}: the conditions on {column} hold whole numbers")]
    NotNumeric { path: String, column: String },
    #[error("{path}: the cast to {cast} is not known")]
    UnknownCast { path: String, cast: String },
    #[error("{text}")]
    Grouping { field: &'static str, text: &'static str },
    #[error("more than {limit} {what}")]
    TooMany { what: &'static str, limit: usize },
}

impl RequestError {
    #[expect(clippy::too_many_lines, reason = "one arm for each refusal is the point")]
    pub fn problem(&self) -> Problem {
        match self {
            Self::InvalidJson(error) => Problem::new(400, "invalid_json", "Invalid JSON body")
                .with_detail("line", error.line())
                .with_detail("column", error.column()),
            Self::NotAnObject => {
                Problem::new(400, "invalid_payload", "The request body must be a JSON object")
            }
            Self::RepeatedField { field } => {
                let field = shown(field);
                let text = format!("The field '{field}' stands in the body more than once");
                Problem::new(400, "invalid_field", text).with_detail("field", field)
            }
            Self::UnknownField { field } => {
                let field = shown(field);
                Problem::new(400, "unknown_field", format!("The field '{field}' is not known"))
                    .with_detail("field", field)
                    .with_hint("Correct its spelling or leave it out.")
            }
            Self::ConflictingFields { first, second } => {
                let (first, second) = (shown(first), shown(second));
                let text = format!("The fields '{first}' and '{second}' contradict each other");
                Problem::new(400, "invalid_field", text)
                    .with_detail("field", first)
                    .with_hint("Send only one of them.")
            }
            Self::MissingField { field, text } => {
                Problem::new(400, "missing_field", *text).with_detail("field", *field)
            }
            Self::InvalidField { field, expected } => {
                let field = shown(field);
                Problem::new(
                    400,
                    "invalid_field",
                    format!("The field '{field}' must be {expected}"),
                )
                .with_detail("field", field)
            }
            Self::NotSupported { field } => {
                let field = shown(field);
                let text = format!("The field '{field}' is not supported by this server");
                Problem::new(400, "not_supported", text).with_detail("field", field)
            }
            Self::InvalidName { field, name } => {
                let name = shown(name);
                let text = format!(
                    "'{name}' is not a name: at most a schema and a table, parted by one dot"
                );
                Problem::new(400, "invalid_name", text)
                    .with_detail("field", *field)
                    .with_hint("Put double quotes around a name that holds a dot.")
            }
            Self::InvalidPayload { path, expected } => {
                let path = shown(path);
                Problem::new(400, "invalid_payload", format!("{path} must be {expected}"))
                    .with_detail("field", path)
            }
            Self::NoColumns => {
                Problem::new(400, "no_columns", "insert_body must name at least one column")
                    .with_detail("field", "insert_body")
            }
            Self::InvalidCondition { path, reason } => {
                let path = shown(path);
                Problem::new(400, "invalid_condition", format!("{path}: {reason}"))
                    .with_detail("path", path)
            }
            Self::UnknownOperator { path, operator } => {
                let (path, operator) = (shown(path), shown(operator));
                let text = format!("{path}: the operator '{operator}' is not known");
                Problem::new(400, "unknown_operator", text)
                    .with_detail("path", path)
                    .with_detail("operator", operator)
            }
            Self::NotNumeric { path, column } => {
                let column = shown(column);
                let text = format!("{column} is required and must be numeric");
                Problem::new(400, "invalid_condition", text)
                    .with_detail("path", shown(path))
                    .with_detail("column", column)
            }
            Self::UnknownCast { path, cast } => {
                let (path, cast) = (shown(path), shown(cast));
                let text = format!("{path}: nothing can be compared as '{cast}'");
                Problem::new(400, "invalid_condition", text)
                    .with_detail("path", path)
                    .with_hint("Cast to a plain type such as text, uuid, int8, numeric or date.")
            }
            Self::Grouping { field, text } => {
                let text = format!("Post-processing failure: {text}");
                Problem::new(400, "post_processing_failed", text).with_detail("field", *field)
            }
            Self::TooMany { what, limit } => {
                let text = format!("A request may hold at most {limit} {what}");
                Problem::new(400, "too_many", text)
                    .with_detail("what", *what)
                    .with_detail("limit", *limit)
            }
        }
    }
}

/// Of an endless name only the beginning is repeated.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
