//! Which backend a client's record is built with. A new kind of database gets an arm here.

mod postgres;
mod sqlite;

use backend::Backend;
use datasources::{
    Driver,
    driver::{Connection, connection},
};
use gateway::registry::{BackendFactory, FactoryError, Spec};
use std::sync::Arc;

/// Every driver this program has.
#[derive(Debug, Clone, Copy, Default)]
pub struct Drivers;

impl BackendFactory for Drivers {
    fn supports(&self, driver: &Driver) -> bool {
        match driver {
            Driver::Postgres | Driver::Sqlite | Driver::Memory => true,
            Driver::Scylladb | Driver::Supabase | Driver::Mongodb | Driver::Other(_) => false,
        }
    }

    fn create(&self, spec: Spec<'_>) -> Result<Arc<dyn Backend>, FactoryError> {
        if !self.supports(&spec.record.driver) {
            let driver = spec.record.driver.id().to_owned();
            return Err(FactoryError::Unsupported { driver });
        }
        let connection =
            connection(spec.record).map_err(|invalid| unusable(invalid.to_string()))?;
        match connection {
            Connection::Postgres { address, password, schema, wants_tls, .. } => {
                let place = postgres::Place { address, password, schema, wants_tls };
                postgres::create(&spec, place)
            }
            Connection::Sqlite { file } => sqlite::file(file),
            Connection::Memory => sqlite::memory(),
        }
    }
}

pub(crate) fn unusable(reason: impl Into<String>) -> FactoryError {
    FactoryError::Unusable { reason: reason.into() }
}

#[cfg(test)]
mod tests;
