//! SQLite from a record: a file, or a database that is gone with its client.

use crate::unusable;
use backend::Backend;
use backend_sqlite::{Sqlite, SqliteSettings};
use gateway::registry::FactoryError;
use std::{path::PathBuf, sync::Arc};

pub(crate) fn file(path: PathBuf) -> Result<Arc<dyn Backend>, FactoryError> {
    let settings = SqliteSettings::at(path).map_err(|error| unusable(error.to_string()))?;
    Ok(Arc::new(Sqlite::connect(&settings)))
}

pub(crate) fn memory() -> Result<Arc<dyn Backend>, FactoryError> {
    let settings = SqliteSettings::fleeting()
        .map_err(|error| unusable(format!("there is no memory for it: {error}")))?;
    Ok(Arc::new(Sqlite::connect(&settings)))
}
