//! Why a routine is not called.

use crate::plan::PlanError;
use crate::request::shown;
use api_types::Problem;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CallError {
    #[error("the routines of schema {schema} cannot be called")]
    SchemaNotOpen { schema: String },
    #[error("function {name} does not exist")]
    UnknownRoutine { name: String },
    #[error("no {name} takes these arguments")]
    NoOverload { name: String, given: Vec<String>, available: Vec<String> },
    #[error("several {name} take these arguments")]
    Ambiguous { name: String, available: Vec<String> },
    #[error("the argument {argument} is not {expected}")]
    InvalidArgument { argument: String, expected: String },
    #[error("{field} needs rows, and {name} returns none")]
    NoRows { field: &'static str, name: String },
    #[error("the columns that {name} returns are not known")]
    UnknownColumns { name: String },
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl CallError {
    /// A value's refusal, in an argument's words.
    pub(super) fn of_argument(argument: &str, error: PlanError) -> Self {
        let argument = argument.to_owned();
        match error {
            PlanError::InvalidValue { expected, .. } => {
                Self::InvalidArgument { argument, expected }
            }
            PlanError::UnknownEnumValue { type_name, .. } => {
                Self::InvalidArgument { argument, expected: format!("a value of {type_name}") }
            }
            PlanError::NulInText { .. } => {
                Self::InvalidArgument { argument, expected: "text without NUL".to_owned() }
            }
            other => Self::Plan(other),
        }
    }

    pub fn problem(&self) -> Problem {
        match self {
            Self::SchemaNotOpen { schema } => {
                let schema = shown(schema);
                let text = format!("Functions of the schema '{schema}' cannot be called");
                Problem::new(403, "schema_not_allowed", text).with_detail("schema", schema)
            }
            Self::UnknownRoutine { name } => {
                let name = shown(name);
                Problem::new(404, "unknown_function", format!("Function '{name}' does not exist"))
                    .with_detail("function", name)
            }
            Self::NoOverload { name, given, available } => {
                let given: Vec<_> = given.iter().map(|name| shown(name)).collect();
                let text = format!("No function {} takes exactly these arguments", shown(name));
                Problem::new(400, "no_matching_function", text)
                    .with_detail("given", given)
                    .with_detail("available", available.clone())
                    .with_hint("Give the arguments by the names in details.available.")
            }
            Self::Ambiguous { name, available } => {
                let text = format!("Several functions {} take these arguments", shown(name));
                Problem::new(400, "ambiguous_function", text)
                    .with_detail("available", available.clone())
                    .with_hint("Name an argument that only one of them has.")
            }
            Self::InvalidArgument { argument, expected } => {
                let field = format!("args.{argument}");
                let text = format!("The argument '{argument}' must be {expected}");
                Problem::new(400, "invalid_input", text)
                    .with_detail("argument", argument.as_str())
                    .with_detail("path", field)
            }
            Self::NoRows { field, name } => {
                let text = format!(
                    "Invalid RPC request: '{field}' needs a function that returns rows, and {name} returns none"
                );
                Problem::new(400, "invalid_rpc_request", text).with_detail("field", *field)
            }
            Self::UnknownColumns { name } => {
                let text = format!("{name} returns records whose columns are not declared");
                Problem::new(400, "invalid_rpc_request", text)
                    .with_hint("Declare them with RETURNS TABLE or OUT arguments.")
            }
            Self::Plan(error) => error.problem(),
        }
    }
}
