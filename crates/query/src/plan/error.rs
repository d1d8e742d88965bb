//! What was said makes no sense against what exists.

use crate::request::shown;
use api_types::Problem;
use catalog::{QualifiedName, Table};

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    #[error("{source}")]
    InvalidName { source: catalog::IdentError },
    #[error("table {name} is not in the schema cache")]
    UnknownTable { schema: Option<String>, name: String },
    #[error("column {column} does not exist on {table}")]
    UnknownColumn {
        table: QualifiedName,
        column: String,
        /// Where it stood in the request.
        path: String,
        available: Vec<String>,
    },
    #[error("the value for column {column} is not {expected}")]
    InvalidValue { column: String, path: String, expected: String },
    #[error("the value for column {column} is not of the enum {type_name}")]
    UnknownEnumValue { column: String, path: String, type_name: String, available: Vec<String> },
    #[error("the value for column {column} holds a NUL character")]
    NulInText { column: String, path: String },
    #[error("the operator does not fit column {column}: {expected}")]
    UnfitOperator { column: String, path: String, expected: &'static str },
    #[error("column {column} is made by the database")]
    GeneratedColumn { column: String },
    #[error("the conditions hold for every row of {table}")]
    Unfiltered { table: QualifiedName },
    #[error("table {table} has no primary key")]
    NoPrimaryKey { table: QualifiedName },
    #[error("no key tells the rows of {table} apart")]
    Boundless { table: QualifiedName },
    #[error("the primary key of {table} has {columns} columns")]
    CompositeKey { table: QualifiedName, columns: usize },
    #[error("column {column} of {table} is written twice")]
    WrittenTwice { table: QualifiedName, column: String },
    #[error("two columns are answered as {key}")]
    RepeatedKey { key: String, path: String },
    #[error("{name} is no relation of {table}")]
    UnknownRelationship { table: QualifiedName, name: String, path: String },
    #[error("several ways lead from {table} to {name}")]
    AmbiguousRelationship {
        table: QualifiedName,
        name: String,
        path: String,
        /// Each as the hint that chooses it, and what it joins.
        candidates: Vec<String>,
        /// The tables that stand in them.
        others: Vec<QualifiedName>,
    },
    #[error("the column {column} to group or sum by is not among those answered")]
    UnansweredColumn { field: &'static str, column: String },
    #[error("nothing is given to write to {table}")]
    NothingToWrite { table: QualifiedName },
}

/// How many names an error offers at most.
const MAX_OFFERED: usize = 100;

impl PlanError {
    pub(super) fn unknown_column(table: &Table, column: &str, path: &str) -> Self {
        let names = table.columns.iter().take(MAX_OFFERED);
        Self::UnknownColumn {
            table: table.name.clone(),
            column: column.to_owned(),
            path: path.to_owned(),
            available: names.map(|column| column.name.as_str().to_owned()).collect(),
        }
    }

    /// The tables whose insides the error tells about.
    pub fn tables(&self) -> Vec<&QualifiedName> {
        match self {
            Self::UnknownColumn { table, .. } => vec![table],
            Self::AmbiguousRelationship { table, others, .. } => {
                [table].into_iter().chain(others).collect()
            }
            _ => Vec::new(),
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each refusal is the point")]
    pub fn problem(&self) -> Problem {
        match self {
            Self::InvalidName { source } => {
                Problem::new(400, "invalid_name", format!("No table is called so: {source}"))
            }
            Self::UnknownTable { schema, name } => {
                let name = shown(name);
                let text = format!("Table '{name}' does not exist");
                let problem = Problem::new(404, "unknown_table", text).with_detail("table", name);
                match schema {
                    Some(schema) => problem.with_detail("schema", shown(schema)),
                    None => problem,
                }
            }
            Self::UnknownColumn { table, column, path, available } => {
                let column = shown(column);
                let text = format!("Column '{column}' does not exist on {table}");
                Problem::new(400, "unknown_column", text)
                    .with_detail("column", column)
                    .with_detail("table", table.to_string())
                    .with_detail("path", shown(path))
                    .with_detail("available", available.clone())
                    .with_hint("Choose one of the columns in details.available.")
            }
            Self::InvalidValue { column, path, expected } => {
                let text = format!("The value for column '{column}' must be {expected}");
                of_column(Problem::new(400, "invalid_input", text), column, path)
            }
            Self::UnknownEnumValue { column, path, type_name, available } => {
                let text = format!("The value for column '{column}' is not one of {type_name}");
                of_column(Problem::new(400, "invalid_input", text), column, path)
                    .with_detail("available", available.clone())
                    .with_hint("Choose one of the values in details.available.")
            }
            Self::NulInText { column, path } => {
                let text = format!("The value for column '{column}' holds a NUL character");
                of_column(Problem::new(400, "invalid_text_encoding", text), column, path)
            }
            Self::UnfitOperator { column, path, expected } => {
                let text = format!(
                    "{}: the operator does not fit column '{column}': {expected}",
                    shown(path)
                );
                of_column(Problem::new(400, "invalid_condition", text), column, path)
            }
            Self::GeneratedColumn { column } => {
                let text = format!("Column '{column}' is written by the database alone");
                Problem::new(400, "generated_column", text)
                    .with_detail("column", column.as_str())
                    .with_hint("Leave it out.")
            }
            Self::Unfiltered { table } => {
                let text =
                    format!("The conditions hold for every row of {table}; nothing was changed");
                Problem::new(400, "invalid_condition", text)
                    .with_detail("table", table.to_string())
                    .with_hint("Give a condition that leaves rows out.")
            }
            Self::NoPrimaryKey { table } => {
                Problem::new(400, "no_primary_key", format!("{table} has no primary key"))
                    .with_detail("table", table.to_string())
                    .with_hint("Name the columns instead.")
            }
            Self::Boundless { table } => {
                let text = format!("{table} has no key that tells some of its rows from others");
                Problem::new(400, "no_primary_key", text)
                    .with_detail("table", table.to_string())
                    .with_hint("Use conditions instead of 'limit' and 'offset'.")
            }
            Self::CompositeKey { table, columns } => {
                let text = format!("The primary key of {table} has {columns} columns");
                Problem::new(400, "composite_key", text)
                    .with_detail("table", table.to_string())
                    .with_hint("Use conditions on each of them instead of resource_id.")
            }
            Self::WrittenTwice { table, column } => {
                let text = format!("Column '{column}' is written twice, in two spellings");
                Problem::new(400, "invalid_payload", text)
                    .with_detail("table", table.to_string())
                    .with_detail("column", column.as_str())
            }
            Self::RepeatedKey { key, path } => {
                let key = shown(key);
                let text = format!("Two columns would be answered as '{key}'");
                Problem::new(400, "invalid_field", text)
                    .with_detail("field", shown(path))
                    .with_detail("name", key)
                    .with_hint("Give one of them another name: 'name as other'.")
            }
            Self::UnknownRelationship { table, name, path } => {
                let name = shown(name);
                let text = format!("No foreign key leads from {table} to '{name}' or back");
                Problem::new(400, "unknown_relationship", text)
                    .with_detail("table", table.to_string())
                    .with_detail("name", name)
                    .with_detail("path", shown(path))
            }
            Self::AmbiguousRelationship { table, name, path, candidates, .. } => {
                let name = shown(name);
                let text = format!("Several foreign keys lead from {table} to '{name}'");
                Problem::new(400, "ambiguous_relationship", text)
                    .with_detail("table", table.to_string())
                    .with_detail("name", name)
                    .with_detail("path", shown(path))
                    .with_detail("available", candidates.clone())
                    .with_hint(
                        "Name one of details.available behind the relation: 'relation!name(…)'.",
                    )
            }
            Self::UnansweredColumn { field, column } => {
                let column = shown(column);
                let text = format!(
                    "Post-processing failure: column '{column}' is not among the answered columns"
                );
                Problem::new(400, "post_processing_failed", text)
                    .with_detail("field", *field)
                    .with_detail("column", column)
            }
            Self::NothingToWrite { table } => {
                Problem::new(400, "no_columns", format!("Nothing is given to write to {table}"))
                    .with_detail("table", table.to_string())
            }
        }
    }
}

fn of_column(problem: Problem, column: &str, path: &str) -> Problem {
    problem.with_detail("column", column).with_detail("path", shown(path))
}
