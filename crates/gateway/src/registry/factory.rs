//! Who builds a backend from a client's record. The gateway knows no backend, so somebody else does.

use backend::{AddressGuard, Backend};
use datasources::{ClientRecord, Driver};
use secrets::Cleartext;
use std::{sync::Arc, time::Duration};

/// Everything a driver needs for one client. The secret is for this connection only: a factory
/// neither keeps nor logs it.
pub struct Spec<'a> {
    pub record: &'a ClientRecord,
    pub secret: Option<&'a Cleartext>,
    /// The longest a statement may run, as the gateway has it.
    pub statement_timeout: Duration,
    /// Asked before each connection to a host that goes by a name.
    pub guard: Arc<dyn AddressGuard>,
}

/// Why no backend was built. Says nothing of the secret.
#[derive(Debug, thiserror::Error)]
pub enum FactoryError {
    #[error("driver {driver} is not offered by this server")]
    Unsupported { driver: String },
    #[error("{reason}")]
    Unusable { reason: String },
}

pub trait BackendFactory: Send + Sync {
    fn supports(&self, driver: &Driver) -> bool;

    /// Does no I/O: the first statement opens the first connection.
    fn create(&self, spec: Spec<'_>) -> Result<Arc<dyn Backend>, FactoryError>;
}
