//! SQLSTATE by SQLSTATE: what each means to a caller.

mod names;
mod problem;

use super::{DatabaseError, ErrorClass};

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
    InvalidStatement,
    NotInDatabase,
    DuplicateObject,
    InvalidTransactionState,
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
    Damaged,
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
            "42P07" | "42701" | "42710" | "42723" | "42P04" | "42P06" => Self::DuplicateObject,
            "0A000" => Self::NotInDatabase,
            // Other objects need the one to be dropped.
            "2BP01" | "3F000" => Self::InvalidStatement,
            "3D000" => Self::Connection,
            "40001" | "40P01" => Self::SerializationFailure,
            "55P03" => Self::LockNotAvailable,
            "57014" => Self::StatementTimeout,
            "53300" => Self::TooManyConnections,
            "XX001" | "XX002" => Self::Damaged,
            "57P01" | "57P02" | "57P03" | "57P05" => Self::Connection,
            other => Self::of_class(other.get(..2).unwrap_or_default()),
        }
    }

    fn of_class(class: &str) -> Self {
        match class {
            "08" => Self::Connection,
            "25" => Self::InvalidTransactionState,
            "42" => Self::InvalidStatement,
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
            Self::Damaged
            | Self::UniqueViolation
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
            | Self::InvalidStatement
            | Self::NotInDatabase
            | Self::DuplicateObject
            | Self::InvalidTransactionState
            | Self::TextUuidMismatch
            | Self::UndefinedFunction
            | Self::RaisedException
            | Self::InsufficientPrivilege
            | Self::ReadOnly
            | Self::Authentication
            | Self::Other => ErrorClass::Permanent,
        }
    }
}

fn compares_text_with_uuid(message: &str) -> bool {
    ["text = uuid", "uuid = text", "character varying = uuid", "uuid = character varying"]
        .iter()
        .any(|pair| message.contains(pair))
}
