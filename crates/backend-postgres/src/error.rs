//! The driver's errors in the port's words.

use crate::row_writer::UnwritableColumn;
use backend::{BackendError, DatabaseError};
use std::borrow::Cow;

use sqlx::postgres::{PgDatabaseError, PgErrorPosition, PgSeverity};

/// What went wrong with one statement on one connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Driver(#[from] sqlx::Error),
    #[error("cannot write {0}")]
    Unwritable(UnwritableColumn),
    #[error("the answer is larger than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("{count} values are more than one statement can carry")]
    TooManyValues { count: usize },
    #[error("params[{index}] is not {expected}")]
    InvalidParameter { index: usize, expected: String },
}

impl RunError {
    /// Whether this program stopped reading while the database was still answering.
    pub(crate) fn leaves_rest_unread(&self) -> bool {
        match self {
            Self::Unwritable(_) | Self::TooLarge { .. } => true,
            Self::Driver(_) | Self::TooManyValues { .. } | Self::InvalidParameter { .. } => false,
        }
    }

    /// Whether the connection is lost; anything else leaves it usable.
    pub(crate) fn is_fatal(&self) -> bool {
        match self {
            Self::Driver(sqlx::Error::Database(error)) => {
                error.try_downcast_ref::<PgDatabaseError>().is_none_or(|error| {
                    matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic)
                })
            }
            Self::Driver(sqlx::Error::Encode(_)) => false,
            Self::Driver(_) => true,
            Self::Unwritable(_)
            | Self::TooLarge { .. }
            | Self::TooManyValues { .. }
            | Self::InvalidParameter { .. } => false,
        }
    }

    /// The database's own code for what it refused.
    pub(crate) fn sqlstate(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Driver(sqlx::Error::Database(error)) => error.code(),
            _ => None,
        }
    }

    /// Whether the session's prepared statement fell out of step with the database.
    ///
    /// Found out before the statement runs, so it is safe to prepare and run it again.
    pub(crate) fn is_stale_statement(&self) -> bool {
        let Self::Driver(sqlx::Error::Database(error)) = self else { return false };
        match error.code().as_deref() {
            Some("0A000") => error.message().contains("cached plan must not change result type"),
            Some("26000") => true,
            _ => false,
        }
    }
}

impl From<RunError> for BackendError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Driver(error) => from_driver(error),
            RunError::Unwritable(UnwritableColumn { column, type_name }) => {
                Self::Decode { column, type_name }
            }
            RunError::TooLarge { limit } => Self::TooLarge { limit },
            RunError::TooManyValues { count } => Self::TooManyValues { count },
            RunError::InvalidParameter { index, expected } => {
                Self::InvalidParameter { index, expected }
            }
        }
    }
}

/// One driver error in the port's words.
pub(crate) fn from_driver(error: sqlx::Error) -> BackendError {
    match error {
        sqlx::Error::Database(error) => match error.try_downcast::<PgDatabaseError>() {
            Ok(error) => BackendError::Database(Box::new(database_error(&error))),
            Err(other) => BackendError::Protocol { source: other.into_error() },
        },
        sqlx::Error::Io(source) => BackendError::Unreachable { source: Box::new(source) },
        sqlx::Error::Tls(source) | sqlx::Error::Configuration(source) => {
            BackendError::Unreachable { source }
        }
        other => BackendError::Protocol { source: Box::new(other) },
    }
}

fn database_error(error: &PgDatabaseError) -> DatabaseError {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    DatabaseError {
        sqlstate: error.code().to_owned(),
        message: error.message().to_owned(),
        detail: owned(error.detail()),
        hint: owned(error.hint()),
        schema: owned(error.schema()),
        table: owned(error.table()),
        column: owned(error.column()),
        constraint: owned(error.constraint()),
        position: error.position().and_then(|position| match position {
            PgErrorPosition::Original(at) => Some(at),
            PgErrorPosition::Internal { .. } => None,
        }),
    }
}
