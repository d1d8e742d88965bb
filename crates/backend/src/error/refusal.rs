//! SQLSTATE by SQLSTATE: what each means to a caller. Never the database's own text: it may quote values.

use super::{DatabaseError, ErrorClass};
use api_types::Problem;
use query::Operation;

/// Why a database refused, as far as a caller is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    UniqueViolation,
    ForeignKeyViolation,
    NotNullViolation,
    CheckViolation,
    ExclusionViolation,
    InvalidTextEncoding,
    InvalidInput,
    CardinalityViolation,
    NoMatchingConstraint,
    GeneratedColumn,
    NotUpdatable,
    UndefinedColumn,
    UndefinedTable,
    SyntaxError,
    TextUuidMismatch,
    UndefinedFunction,
    RaisedException,
    InsufficientPrivilege,
    ReadOnly,
    Connection,
    Authentication,
    SerializationFailure,
    LockNotAvailable,
    StatementTimeout,
    TooManyConnections,
    InsufficientResources,
    Other,
}

impl Refusal {
    pub(super) fn of(error: &DatabaseError) -> Self {
        match error.sqlstate.as_str() {
            "23505" => Self::UniqueViolation,
            "23503" | "23001" => Self::ForeignKeyViolation,
            "23502" => Self::NotNullViolation,
            "23514" | "44000" => Self::CheckViolation,
            "23P01" => Self::ExclusionViolation,
            "22021" => Self::InvalidTextEncoding,
            "21000" => Self::CardinalityViolation,
            "42P10" => Self::NoMatchingConstraint,
            "428C9" => Self::GeneratedColumn,
            "55000" | "42809" => Self::NotUpdatable,
            "42703" => Self::UndefinedColumn,
            "42P01" => Self::UndefinedTable,
            "42601" => Self::SyntaxError,
            "42804" => Self::InvalidInput,
            "42883" if compares_text_with_uuid(&error.message) => Self::TextUuidMismatch,
            "42883" => Self::UndefinedFunction,
            "P0001" => Self::RaisedException,
            "42501" => Self::InsufficientPrivilege,
            "25006" => Self::ReadOnly,
            "3D000" => Self::Connection,
            "40001" | "40P01" => Self::SerializationFailure,
            "55P03" => Self::LockNotAvailable,
            "57014" => Self::StatementTimeout,
            "53300" => Self::TooManyConnections,
            "57P01" | "57P02" | "57P03" | "57P05" => Self::Connection,
            other => Self::of_class(other.get(..2).unwrap_or_default()),
        }
    }

    fn of_class(class: &str) -> Self {
        match class {
            "08" => Self::Connection,
            "22" => Self::InvalidInput,
            "28" => Self::Authentication,
            "53" => Self::InsufficientResources,
            _ => Self::Other,
        }
    }

    pub(super) fn class(self) -> ErrorClass {
        match self {
            Self::StatementTimeout => ErrorClass::Timeout,
            Self::Connection
            | Self::SerializationFailure
            | Self::LockNotAvailable
            | Self::TooManyConnections
            | Self::InsufficientResources => ErrorClass::Transient,
            Self::UniqueViolation
            | Self::ForeignKeyViolation
            | Self::NotNullViolation
            | Self::CheckViolation
            | Self::ExclusionViolation
            | Self::InvalidTextEncoding
            | Self::InvalidInput
            | Self::CardinalityViolation
            | Self::NoMatchingConstraint
            | Self::GeneratedColumn
            | Self::NotUpdatable
            | Self::UndefinedColumn
            | Self::UndefinedTable
            | Self::SyntaxError
            | Self::TextUuidMismatch
            | Self::UndefinedFunction
            | Self::RaisedException
            | Self::InsufficientPrivilege
            | Self::ReadOnly
            | Self::Authentication
            | Self::Other => ErrorClass::Permanent,
        }
    }

    /// The one table: status, code, category and words together.
    #[expect(clippy::too_many_lines, reason = "one arm for each refusal is the point")]
    pub(super) fn problem(self, error: &DatabaseError, operation: Option<Operation>) -> Problem {
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

const CONSTRAINT: &str = "database_constraint";
const CONNECTION: &str = "database_connection";
const SYNTAX: &str = "query_syntax";
const VALIDATION: &str = "validation";

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

fn compares_text_with_uuid(message: &str) -> bool {
    ["text = uuid", "uuid = text", "character varying = uuid", "uuid = character varying"]
        .iter()
        .any(|pair| message.contains(pair))
}

/// Whether a foreign key was broken by taking the target away rather than by pointing nowhere.
fn is_still_referenced(error: &DatabaseError) -> bool {
    error.detail.as_deref().is_some_and(|detail| detail.contains("is still referenced"))
}

/// The first name in double quotes; the messages read here quote identifiers only.
fn quoted_name(error: &DatabaseError) -> Option<&str> {
    let (_, rest) = error.message.split_once('"')?;
    let (name, _) = rest.split_once('"')?;
    Some(name).filter(|name| !name.is_empty() && name.len() <= 127)
}

/// `Key (a, "B c")=(…)`: the columns before the values, and nothing when they are expressions.
fn key_columns(error: &DatabaseError) -> Vec<String> {
    let parsed = error.detail.as_deref().and_then(|detail| {
        let (_, rest) = detail.split_once('(')?;
        parse_names(rest)
    });
    parsed.unwrap_or_default()
}

/// Identifiers up to `)=(`; `None` at the first thing that is not one.
fn parse_names(mut rest: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    loop {
        let (name, after) = parse_name(rest)?;
        names.push(name);
        match after.strip_prefix(", ") {
            Some(next) => rest = next,
            None => return after.starts_with(")=(").then_some(names),
        }
    }
}

fn parse_name(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))?;
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut name = String::new();
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(next) => {
                name.push('"');
                rest = next;
            }
            None => return Some((name, after)),
        }
    }
}
