//! Clients of the configuration: where they lead stays in memory.

use super::Effective;
use crate::{registry::ClientInfo, tuning::PoolTuning};
use api_types::ClientName;
use backend::Backend;
use datasources::{ClientRecord, Driver, External, Origin, SchemaMode};
use std::sync::Arc;

/// Makes the backend anew, with another pool where that is asked for.
type Make = Box<dyn Fn(&PoolTuning) -> Arc<dyn Backend> + Send + Sync>;

/// A client of the configuration, ready to be connected as often as it is thawed.
pub struct Configured {
    pub(super) record: ClientRecord,
    pub(super) info: ClientInfo,
    make: Make,
}

impl Configured {
    /// `make` does no I/O, and is told where the client's pool is another than the configuration's.
    pub fn new(
        name: ClientName,
        driver: Driver,
        info: ClientInfo,
        make: impl Fn(&PoolTuning) -> Arc<dyn Backend> + Send + Sync + 'static,
    ) -> Self {
        let record = ClientRecord::new(name, driver, Origin::Config);
        Self { record, info, make: Box::new(make) }
    }

    /// Where it is defined, and the variable that holds its connection string, if one does.
    #[must_use]
    pub fn defined(mut self, place: impl Into<String>, variable: Option<String>) -> Self {
        self.record.defined_in = Some(place.into());
        self.record.uri_variable = variable;
        self
    }

    /// Its database belongs to somebody else.
    #[must_use]
    pub fn external(mut self, mode: SchemaMode, external: External) -> Self {
        self.record.schema_mode = mode;
        self.record.external = Some(external);
        self.info.record = Some(Arc::new(self.record.clone()));
        self
    }

    pub(super) fn connect(&self, pool: &PoolTuning) -> Arc<dyn Backend> {
        (self.make)(pool)
    }

    /// Its record, with what an operator said about it.
    pub(super) fn effective(&self, row: Option<ClientRecord>, conflicts: bool) -> Effective {
        let mut record = self.record.clone();
        if let Some(row) = row {
            record.id = row.id;
            record.frozen = row.frozen;
            record.version = row.version;
            record.created_at = row.created_at;
            record.updated_at = row.updated_at;
            record.updated_by = row.updated_by;
        }
        Effective { record, conflicts }
    }
}
