//! Our own tables: keys, people and their sessions, and the log of what was done.
//! No request waits for them: what requests need is kept in memory by those who use this.

mod audit;
mod changes;
mod error;
mod feed;
mod keys;
mod links;
mod management;
mod moment;
mod once;
mod operations;
mod own;
mod preferences;
mod sessions;
mod users;

pub use audit::{AuditEntry, AuditOutcome, AuditRow};
pub use changes::KeyChanges;
pub use error::StoreError;
pub use feed::{ChangeFeed, Topic};
pub use keys::{KeyPage, KeyRecord, KeyRow, NewKey, Policy};
pub use management::{ManagementEnd, ManagementRow, ManagementStart, ManagementStatus};
pub use once::{Claim, ClaimId, KeptAnswer, WriteKey};
pub use operations::{LogSettings, OperationDetails, OperationLog, OperationRow};
pub use own::{OwnStep, own_steps, own_tables};
pub use sessions::{NewSession, SessionRow};
pub use users::UserRow;

use sqlx::{
    PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{str::FromStr, time::Duration};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// The control store. Cheap to clone; every clone is the same pool.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
}

impl Store {
    const MAX_CONNECTIONS: u32 = 10;
    const PATIENCE: Duration = Duration::from_secs(5);

    /// Nothing is connected to until something is asked.
    pub fn open(uri: &str) -> Result<Self, StoreError> {
        // The parser's own error may quote a part of the address, and a password with it.
        let options = PgConnectOptions::from_str(uri).map_err(|_quoting| StoreError::Address)?;
        let pool = PgPoolOptions::new()
            .max_connections(Self::MAX_CONNECTIONS)
            .acquire_timeout(Self::PATIENCE)
            .connect_lazy_with(options.application_name("athena store"));
        Ok(Self { pool })
    }

    /// Bring the tables up to what this program knows. Two at once wait for each other.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        MIGRATIONS.run(&self.pool).await.map_err(StoreError::migration)
    }

    /// Let go of every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
