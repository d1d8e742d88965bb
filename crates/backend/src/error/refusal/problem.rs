//! What each refusal says to a caller. Never the database's own text: it may quote values.

use super::{
    Refusal,
    names::{is_still_referenced, key_columns, quoted_name},
};
use crate::error::DatabaseError;
use api_types::Problem;
use query::Operation;

const CONSTRAINT: &str = "database_constraint";
const CONNECTION: &str = "database_connection";
const SYNTAX: &str = "query_syntax";
const VALIDATION: &str = "validation";

impl Refusal {
    /// The one table: status, code, category and words together.
    #[expect(clippy::too_many_lines, reason = "one arm for each refusal is the point")]
    pub(in crate::error) fn problem(
        self,
        error: &DatabaseError,
        operation: Option<Operation>,
    ) -> Problem {
        let inserting = operation == Some(Operation::Insert);
        let constraint = error.constraint.as_deref().unwrap_or("a constraint");
        let (status, code, category, message, hint) = match self {
            Self::UniqueViolation => (
                409,
                "unique_violation",
                CONSTRAINT,
                match inserting {
                    true => {
                        format!("A duplicate record exists: {constraint} allows each value once.")
                    }
                    false => format!("Another record already has this value ({constraint})."),
                },
                inserting.then_some("Use POST /gateway/update to change the existing record."),
            ),
            Self::ForeignKeyViolation => (
                if inserting { 422 } else { 409 },
                "foreign_key_violation",
                CONSTRAINT,
                match (is_still_referenced(error), error.table.as_deref()) {
                    (true, Some(table)) => {
                        format!("Records of {table} still refer to this one ({constraint}).")
                    }
                    (true, None) => {
                        format!("Other records still refer to this one ({constraint}).")
                    }
                    (false, _) => format!("The record referred to does not exist ({constraint})."),
                },
                None,
            ),
            Self::NotNullViolation => (
                400,
                "not_null_violation",
                CONSTRAINT,
                match error.column.as_deref() {
                    Some(column) => format!("Column {column} needs a value."),
                    None => "A column that needs a value was given none.".to_owned(),
                },
                None,
            ),
            Self::CheckViolation => (
                400,
                "check_constraint_violation",
                CONSTRAINT,
                format!("The record breaks the rule {constraint}."),
                None,
            ),
            Self::ExclusionViolation => (
                409,
                "exclusion_violation",
                CONSTRAINT,
                format!("The record collides with another one ({constraint})."),
                None,
            ),
            Self::InvalidTextEncoding => (
                400,
                "invalid_text_encoding",
                VALIDATION,
                "A text holds a character that the database cannot store.".to_owned(),
                Some("Text may not hold the NUL character."),
            ),
            Self::InvalidInput => (
                400,
                "invalid_input",
                VALIDATION,
                match error.column.as_deref() {
                    Some(column) => format!("The value given for {column} does not fit its type."),
                    None => "A value does not fit the type of its column.".to_owned(),
                },
                None,
            ),
            Self::CardinalityViolation => (
                400,
                "cardinality_violation",
                VALIDATION,
                "One request names the same record twice, or a subquery gave more than one row."
                    .to_owned(),
                None,
            ),
            Self::NoMatchingConstraint => (
                400,
                "no_matching_constraint",
                SYNTAX,
                "No unique constraint covers exactly the columns named for conflicts.".to_owned(),
                Some("Name the columns of the primary key or of one unique constraint."),
            ),
            Self::GeneratedColumn => (
                400,
                "generated_column",
                VALIDATION,
                "The database makes the value of this column itself.".to_owned(),
                Some("Leave the column out."),
            ),
            Self::NotUpdatable => (
                400,
                "not_updatable",
                SYNTAX,
                "This relation cannot be written to in its present state.".to_owned(),
                None,
            ),
            Self::UndefinedColumn => (
                400,
                "undefined_column",
                SYNTAX,
                match quoted_name(error) {
                    Some(column) => format!("Column {column} does not exist."),
                    None => "A column named in the statement does not exist.".to_owned(),
                },
                None,
            ),
            Self::UndefinedTable => (
                400,
                "undefined_table",
                SYNTAX,
                match quoted_name(error) {
                    Some(table) => format!("Table {table} does not exist."),
                    None => "A table named in the statement does not exist.".to_owned(),
                },
                None,
            ),
            Self::SyntaxError => {
                (400, "syntax_error", SYNTAX, "The statement is not valid SQL.".to_owned(), None)
            }
            Self::InvalidStatement => (
                400,
                "invalid_statement",
                SYNTAX,
                "The database cannot make sense of the statement.".to_owned(),
                Some("details.sql_state says why; details.position says where."),
            ),
            Self::NotInDatabase => (
                400,
                "not_supported_by_database",
                SYNTAX,
                "The database cannot do what the statement asks.".to_owned(),
                None,
            ),
            Self::DuplicateObject => (
                409,
                "duplicate_object",
                CONSTRAINT,
                match quoted_name(error) {
                    Some(name) => format!("{name} exists already."),
                    None => "What is to be made exists already.".to_owned(),
                },
                None,
            ),
            Self::InvalidTransactionState => (
                400,
                "invalid_transaction_state",
                SYNTAX,
                "The statement cannot run in a transaction, or not in one of this kind.".to_owned(),
                Some("Send it alone."),
            ),
            Self::TextUuidMismatch => (
                400,
                "text_uuid_operator_mismatch",
                SYNTAX,
                "A text was compared with a uuid.".to_owned(),
                Some("Cast one side: compare column::text, or give the value as a uuid."),
            ),
            Self::UndefinedFunction => (
                400,
                "undefined_function",
                SYNTAX,
                "No function or operator fits the types it was given.".to_owned(),
                None,
            ),
            Self::RaisedException => (
                400,
                "raised_exception",
                CONSTRAINT,
                "A trigger or function in the database refused this.".to_owned(),
                None,
            ),
            Self::InsufficientPrivilege => (
                403,
                "insufficient_privilege",
                "authorization",
                "The database role behind this client may not do that.".to_owned(),
                None,
            ),
            Self::ReadOnly => (
                403,
                "read_only_transaction",
                "authorization",
                "This request may only read, and the statement tried to write.".to_owned(),
                None,
            ),
            Self::Connection => (
                503,
                "connection_error",
                CONNECTION,
                "The database cannot be reached.".to_owned(),
                None,
            ),
            Self::Authentication => (
                503,
                "database_authentication_failed",
                "authentication",
                "The database refused the credentials kept for this client.".to_owned(),
                Some("Check the client's connection string."),
            ),
            Self::SerializationFailure => (
                503,
                "serialization_failure",
                CONNECTION,
                "The statement collided with another one and was rolled back.".to_owned(),
                Some("Nothing was changed; try again."),
            ),
            Self::LockNotAvailable => (
                503,
                "lock_not_available",
                CONNECTION,
                "Another statement holds a lock on what this one needs.".to_owned(),
                Some("Nothing was changed; try again."),
            ),
            Self::StatementTimeout => (
                504,
                "statement_timeout",
                CONNECTION,
                "The statement took longer than allowed and was cancelled in the database."
                    .to_owned(),
                Some("Ask for fewer rows, or for columns that have an index."),
            ),
            Self::TooManyConnections => (
                503,
                "too_many_connections",
                CONNECTION,
                "The database has no connection to spare.".to_owned(),
                None,
            ),
            Self::InsufficientResources => (
                503,
                "insufficient_resources",
                CONNECTION,
                "The database ran out of memory, disk or another resource.".to_owned(),
                None,
            ),
            Self::Damaged => (
                503,
                "database_damaged",
                CONNECTION,
                "The database's file is damaged, or is no database at all.".to_owned(),
                Some("Check the client's file, and restore it from a copy if need be."),
            ),
            Self::Other => (
                500,
                "database_error",
                "internal",
                "Database query execution failed".to_owned(),
                None,
            ),
        };
        let problem = Problem::new(status, code, message).with_detail("category", category);
        let problem = match hint {
            Some(hint) => problem.with_hint(hint),
            None => problem,
        };
        self.with_names(with_particulars(problem, error), error)
    }

    /// The columns at fault, so that a form can put the message beside its field.
    fn with_names(self, mut problem: Problem, error: &DatabaseError) -> Problem {
        let columns = match self {
            Self::UniqueViolation => key_columns(error),
            Self::ForeignKeyViolation if !is_still_referenced(error) => key_columns(error),
            Self::NotNullViolation | Self::InvalidInput | Self::GeneratedColumn => {
                error.column.iter().cloned().collect()
            }
            Self::UndefinedColumn => {
                if let Some(column) = quoted_name(error) {
                    problem = problem.with_detail("column", column);
                }
                return problem;
            }
            Self::UndefinedTable => {
                if let Some(table) = quoted_name(error) {
                    problem = problem.with_detail("table", table);
                }
                return problem;
            }
            _ => return problem,
        };
        if !columns.is_empty() && error.column.is_none() {
            problem = problem.with_detail("columns", columns.clone());
        }
        for column in columns {
            let message = problem.message.clone();
            problem = problem.with_field(&column, message);
        }
        problem
    }
}

/// The fields that hold names, never values.
fn with_particulars(mut problem: Problem, error: &DatabaseError) -> Problem {
    problem = problem.with_detail("sql_state", error.sqlstate.as_str());
    let names = [
        ("schema", &error.schema),
        ("table", &error.table),
        ("column", &error.column),
        ("constraint", &error.constraint),
    ];
    for (key, name) in names {
        if let Some(name) = name {
            problem = problem.with_detail(key, name.as_str());
        }
    }
    match error.position {
        Some(position) => problem.with_detail("position", position),
        None => problem,
    }
}
