//! The PostgREST surface on PostgreSQL.

mod introspect;
mod listen;
mod run;

pub(crate) use listen::listen;
pub(crate) use run::{Exchange, run};

use crate::{INTROSPECTION_LIMIT, Postgres};
use backend::BackendError;
use postgrest::schema::{SchemaCache, Scope};
use tokio::time::Instant;

impl Postgres {
    /// What the surface offers, as it is in the database now.
    pub async fn introspect_rest(&self, scope: &Scope) -> Result<SchemaCache, BackendError> {
        introspect::introspect(&self.reads, scope, Instant::now() + INTROSPECTION_LIMIT).await
    }
}
