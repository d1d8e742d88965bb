//! The driver's errors in the port's words.

mod sqlstate;

use crate::row_writer::UnwritableColumn;
use backend::{BackendError, DatabaseError};
use sqlx::sqlite::SqliteError;

/// What went wrong with one statement on one session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error("{error}")]
    Driver {
        #[source]
        error: sqlx::Error,
        /// The statement took rows away.
        is_delete: bool,
    },
    #[error(transparent)]
    Unwritable(#[from] UnwritableColumn),
    #[error("the answer is larger than {limit} bytes")]
    TooLarge { limit: usize },
    /// Said before the statement was given to SQLite.
    #[error(transparent)]
    NotRun(BackendError),
}

impl From<sqlx::Error> for RunError {
    fn from(error: sqlx::Error) -> Self {
        Self::Driver { error, is_delete: false }
    }
}

impl AsRef<RunError> for RunError {
    fn as_ref(&self) -> &RunError {
        self
    }
}

impl RunError {
    /// The statement was refused, and the session can serve the next one.
    pub(crate) fn leaves_session_whole(&self) -> bool {
        match self {
            Self::Driver { error: sqlx::Error::Database(error), .. } => {
                code(error.as_ref()).is_some_and(|code| !sqlstate::is_about_the_file(code))
            }
            Self::Driver { error, .. } => matches!(error, sqlx::Error::Encode(_)),
            Self::NotRun(_) => true,
            // The rest of the answer is unread.
            Self::Unwritable(_) | Self::TooLarge { .. } => false,
        }
    }
}

impl From<RunError> for BackendError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Driver { error, is_delete } => match (from_driver(error), is_delete) {
                (Self::Database(mut error), true) if error.sqlstate == "23503" => {
                    error.detail = Some("Key is still referenced.".to_owned());
                    Self::Database(error)
                }
                (error, _) => error,
            },
            RunError::Unwritable(UnwritableColumn { column }) => {
                Self::Decode { column, type_name: "unknown".to_owned() }
            }
            RunError::TooLarge { limit } => Self::TooLarge { limit },
            RunError::NotRun(error) => error,
        }
    }
}

/// One driver error in the port's words.
pub(crate) fn from_driver(error: sqlx::Error) -> BackendError {
    match error {
        sqlx::Error::Database(error) => match error.try_downcast::<SqliteError>() {
            Ok(error) => refused(*error),
            Err(other) => BackendError::Protocol { source: other.into_error() },
        },
        sqlx::Error::Io(source) => BackendError::Unreachable { source: source.into() },
        sqlx::Error::Configuration(source) => BackendError::Unreachable { source },
        other => BackendError::Protocol { source: other.into() },
    }
}

fn refused(error: SqliteError) -> BackendError {
    match code(&error) {
        Some(code) if sqlstate::is_unreachable(code) => {
            BackendError::Unreachable { source: error.into() }
        }
        Some(code) => {
            let message = sqlx::error::DatabaseError::message(&error);
            BackendError::Database(Box::new(sqlstate::translated(code, message)))
        }
        None => BackendError::Protocol { source: error.into() },
    }
}

/// SQLite's extended result code.
fn code(error: &dyn sqlx::error::DatabaseError) -> Option<i32> {
    error.code().and_then(|code| code.parse().ok())
}

/// Whether the journal could not be changed, which is no reason not to use the file.
pub(crate) fn leaves_journal_as_it_is(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else { return false };
    code(error.as_ref()).is_some_and(sqlstate::is_busy_or_read_only)
}

/// A statement that SQLite would take for something else than this program does.
pub(crate) fn misread(message: &str) -> BackendError {
    BackendError::Database(Box::new(DatabaseError {
        sqlstate: "42601".to_owned(),
        message: message.to_owned(),
        ..DatabaseError::default()
    }))
}
