//! Why a table cannot be imported as asked.

use api_types::Problem;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    #[error("{field} names the column {column}, which the table does not have")]
    UnknownColumn { field: &'static str, column: String },
    #[error("{name} cannot be the name of a resource")]
    Name { name: String },
    #[error("{name} cannot be the name of a field")]
    FieldName { name: String },
    #[error("two columns would be called {name}")]
    Twice { name: String },
    #[error("no column is left")]
    Empty,
    #[error("the key column {column} is left out")]
    KeyLeftOut { column: String },
    #[error("{column} is of type {sql_type}, which cannot be a {field_type} field")]
    Incompatible { column: String, sql_type: String, field_type: String },
}

impl DraftError {
    pub fn problem(&self) -> Problem {
        let problem = |message: String| Problem::new(400, "EXTERNAL_IMPORT_ERROR", message);
        match self {
            Self::UnknownColumn { field, column } => {
                problem(format!("'{field}' names the column '{column}', which is not there."))
                    .with_detail("field", *field)
                    .with_detail("column", column.as_str())
            }
            Self::Name { name } => problem(format!("'{name}' cannot be the name of a resource."))
                .with_detail("field", "name")
                .with_hint("Small letters, digits and '_', at most 63, and no digit first."),
            Self::FieldName { name } => problem(format!("'{name}' cannot be a field's name."))
                .with_detail("field", "rename"),
            Self::Twice { name } => problem(format!("Two columns would be called '{name}'."))
                .with_detail("field", "rename"),
            Self::Empty => problem("No column is left to import.".to_owned()),
            Self::KeyLeftOut { column } => {
                problem(format!("The key column '{column}' cannot be left out."))
                    .with_detail("column", column.as_str())
                    .with_hint("Include it, or say which columns are the key in 'primaryKey'.")
            }
            Self::Incompatible { column, sql_type, field_type } => problem(format!(
                "Column '{column}' is of type {sql_type}, which cannot be a {field_type} field."
            ))
            .with_detail("column", column.as_str()),
        }
    }
}
