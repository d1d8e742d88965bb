//! Why the store could not do something.

use sqlx::migrate::MigrateError;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the control store's address is no PostgreSQL URI")]
    Address,
    #[error("the control store cannot be asked")]
    Database(#[from] sqlx::Error),
    #[error("the control store took too long")]
    Slow,
    #[error(
        "the control store was made by a newer Athena (migration {version} is unknown here); use that version or a later one"
    )]
    Newer { version: i64 },
    #[error("migration {version} is not the one that was applied to the control store")]
    Altered { version: i64 },
    #[error("the control store could not be brought up to date")]
    Migration(#[source] MigrateError),
    #[error("a preference has at most {limit} bytes")]
    TooLarge { limit: usize },
}

impl StoreError {
    pub(crate) fn migration(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => Self::Newer { version },
            MigrateError::VersionMismatch(version) => Self::Altered { version },
            other => Self::Migration(other),
        }
    }
}
