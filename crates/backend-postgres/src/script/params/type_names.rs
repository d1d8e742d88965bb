//! How types are spelled in a cast, asked of the database once each.

use crate::error::RunError;
use sqlx::{PgConnection, postgres::PgTypeInfo, postgres::types::Oid};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Names by `pg_type.oid`.
#[derive(Default)]
pub(crate) struct TypeNames(Mutex<HashMap<u32, Arc<str>>>);

const MOST: usize = 4096;
// By its catalog name: `bit` and `char` as SQL words would mean a length of one.
const NAME: &str = "SELECT format('%I.%I', n.nspname, t.typname) FROM pg_catalog.pg_type t \
     JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = $1";

impl TypeNames {
    pub(crate) async fn of(
        &self,
        connection: &mut PgConnection,
        type_info: &PgTypeInfo,
    ) -> Result<Arc<str>, RunError> {
        let oid = type_info.oid().unwrap_or(Oid(0));
        if let Some(name) = self.known().get(&oid.0) {
            return Ok(Arc::clone(name));
        }
        let asked = sqlx::query_scalar(NAME).bind(oid).persistent(false);
        let name: String = asked.fetch_one(connection).await?;
        let name: Arc<str> = name.into();
        let mut known = self.known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(oid.0, Arc::clone(&name));
        Ok(name)
    }

    /// A type that is unknown under its name was renamed.
    pub(crate) fn forget_if_stale(&self, error: &RunError) {
        if error.sqlstate().as_deref() == Some("42704") {
            self.known().clear();
        }
    }

    pub(crate) fn forget(&self) {
        self.known().clear();
    }

    fn known(&self) -> MutexGuard<'_, HashMap<u32, Arc<str>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
