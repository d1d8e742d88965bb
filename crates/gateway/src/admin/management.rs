//! Changes of a client's structure, by those who hold the right, written down before and after.

mod body;
mod change;
mod databases;
mod error;
mod follow;
mod look;
mod manager;
mod provision;
mod wish;

pub use change::Changed;
pub use databases::{DatabaseMade, LocalDatabase, LocalDatabases};
pub use ddl::Policy;
pub use error::ManagementError;
pub use look::{Capabilities, FunctionsOf, IndexesOf};
pub use manager::Manager;
pub use provision::{ProvisionStatus, ProvisionWanted, Provisioned};
pub use wish::Wish;

pub(crate) use follow::Structure;

use crate::{error::GatewayError, registry::Upstream};
use std::time::Duration;

/// What holds for every change, whoever makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagementSettings {
    pub policy: ddl::Policy,
    /// The longest a change waits for those who use what it changes.
    pub lock_timeout: Duration,
    pub statement_timeout: Duration,
    /// The same for what keeps nobody waiting, such as an index that is built beside writes.
    pub concurrent_timeout: Duration,
}

impl Default for ManagementSettings {
    fn default() -> Self {
        Self {
            policy: ddl::Policy::default(),
            lock_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(60),
            concurrent_timeout: Duration::from_secs(60 * 60),
        }
    }
}

/// Structure is changed only where it is ours to change.
fn ensure_managed(upstream: &Upstream) -> Result<(), GatewayError> {
    crate::federation::ensure_managed(upstream)?;
    if upstream.info().tuning.read_only {
        return Err(GatewayError::ReadOnly { name: upstream.name().to_string() });
    }
    Ok(())
}
