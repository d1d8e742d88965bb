//! Why a change of structure was not made.

use api_types::Problem;
use backend::{BackendError, DatabaseError};
use ddl::{DdlError, Kind};
use store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum ManagementError {
    #[error(transparent)]
    Ddl(#[from] DdlError),
    #[error("the database refused the change")]
    Refused {
        kind: Kind,
        #[source]
        source: BackendError,
    },
    #[error("the client {client} leads to this gateway's own tables")]
    OwnStore { client: String },
    #[error("the change cannot be written down")]
    AuditUnavailable(#[source] StoreError),
    #[error("the control store cannot be asked")]
    StoreUnavailable(#[source] StoreError),
    #[error("{field} is missing")]
    Missing { field: &'static str },
    #[error("{field} is not {expected}")]
    Invalid { field: &'static str, expected: &'static str },
    #[error("there is no field {field}")]
    UnknownField { field: String },
    #[error("either {first} or {second} is named, and only one")]
    OneOf { first: &'static str, second: &'static str },
    #[error("{what} is not built")]
    NotBuilt { what: &'static str },
    #[error("the database at the address cannot be brought up to date")]
    NotProvisioned(#[source] StoreError),
    #[error("the address leads where no client may: {reason}")]
    AddressNotAllowed { reason: String },
    #[error("there is a client {name} already")]
    NameTaken { name: String },
    #[error("the table {table} does not exist")]
    UnknownTable { table: String },
}

impl ManagementError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::Ddl(error) => error.problem(),
            Self::Refused { kind, source } => refused(*kind, source),
            Self::OwnStore { client } => {
                let text =
                    format!("The database of client '{client}' holds this gateway's own tables");
                Problem::new(403, "control_store_protected", text)
                    .with_detail("client", client.as_str())
            }
            Self::AuditUnavailable(_) => Problem::new(
                503,
                "audit_unavailable",
                "The change cannot be written down, so it was not made",
            )
            .with_hint("Athena keeps trying to reach its store; try again shortly."),
            Self::StoreUnavailable(_) => {
                Problem::new(503, "store_unavailable", "The control store is unavailable")
            }
            Self::Missing { field } => {
                Problem::new(400, "missing_field", format!("{field} is required"))
                    .with_detail("field", *field)
            }
            Self::Invalid { field, expected } => {
                Problem::new(400, "invalid_field", format!("{field} must be {expected}"))
                    .with_detail("field", *field)
            }
            Self::UnknownField { field } => {
                Problem::new(400, "unknown_field", format!("Unknown field '{field}'"))
                    .with_detail("field", field.as_str())
            }
            Self::OneOf { first, second } => {
                let text = format!("Either {first} or {second} must be given, and not both");
                Problem::new(400, "invalid_field", text).with_detail("field", *first)
            }
            Self::NotBuilt { what } => {
                Problem::new(501, "not_built", format!("{what} is not built in this version"))
                    .with_detail("what", *what)
            }
            Self::NotProvisioned(error) => {
                let status = match error {
                    StoreError::Database(_) | StoreError::Slow => 503,
                    _ => 409,
                };
                let text = format!("The tables could not be made: {error}");
                Problem { status, ..Problem::new(409, "provision_failed", text) }
            }
            Self::AddressNotAllowed { reason } => {
                let text = format!("The address is not one that may be led to: {reason}");
                Problem::new(403, "address_not_allowed", text).with_detail("field", "uri")
            }
            Self::NameTaken { name } => {
                Problem::new(409, "client_exists", format!("There is a client '{name}' already"))
                    .with_detail("client", name.as_str())
            }
            Self::UnknownTable { table } => {
                Problem::new(404, "unknown_table", format!("Table '{table}' does not exist"))
                    .with_detail("table", table.as_str())
            }
        }
    }
}

fn refused(kind: Kind, source: &BackendError) -> Problem {
    let problem = source.problem();
    match database_error(source) {
        Some(error) => of_structure(kind, problem, error),
        None => problem,
    }
}

fn database_error(source: &BackendError) -> Option<&DatabaseError> {
    match source {
        BackendError::Database(error) => Some(error),
        BackendError::InStatement { source, .. } => database_error(source),
        _ => None,
    }
}

/// What the same refusal means when structure was to be changed: what is missing was addressed.
fn of_structure(kind: Kind, problem: Problem, error: &DatabaseError) -> Problem {
    let state = error.sqlstate.as_str();
    let again = |status: u16, code: &str, message: &str| {
        let mut other = Problem::new(status, code, message);
        other.details = problem.details.clone();
        other
    };
    let found = match state {
        "42P01" => again(404, "undefined_table", "The table does not exist."),
        "42703" if kind == Kind::DropColumn => {
            again(404, "undefined_column", "The column does not exist.")
        }
        "42704" => again(
            404,
            "undefined_object",
            "A type, index, constraint or role that was named does not exist.",
        ),
        "3F000" => again(404, "undefined_schema", "The schema does not exist."),
        "42883" => again(404, "undefined_function", "The function does not exist."),
        "2BP01" => again(409, "dependent_objects", "Other things in the database need this one.")
            .with_hint("Remove them first, or say cascade: true where it is taken."),
        "42809" => again(400, "wrong_object_type", "What was named is of another kind."),
        "42P16" => again(400, "invalid_definition", "The database does not take the definition."),
        _ => problem,
    };
    // What these say is about names; what others say may hold values of rows.
    if ["42", "3F", "2B", "0A"].iter().any(|class| state.starts_with(class)) {
        return found.with_detail("database_message", error.message.as_str());
    }
    found
}
