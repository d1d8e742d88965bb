//! Our own tables: keys, people and their sessions, and the log of what was done.
//! No request waits for them: what requests need is kept in memory by those who use this.

mod admin_keys;
mod admission;
mod api_registry;
mod audit;
mod auth_log;
mod batch;
mod bound;
mod changes;
mod client_configs;
mod clients;
mod copy;
mod deferred;
mod error;
mod events;
mod federation;
mod feed;
mod keys;
mod links;
mod management;
mod measured;
mod moment;
mod once;
mod operations;
mod organizations;
mod own;
mod people;
mod policy;
mod preferences;
mod public_routes;
mod rate;
mod requests;
mod rights;
mod secrets;
mod sessions;
mod statistics;
mod totp;
mod transaction;
mod upkeep;
mod users;
mod whole;
mod working_for;

pub use admin_keys::{AdminKeyDigest, AdminKeyRow};
pub use admission::{AdmissionEvent, AdmissionEventFilter, AdmissionEventRow, AdmissionLog};
pub use api_registry::ApiEntry;
pub use audit::{AuditEntry, AuditOutcome, AuditQuery, AuditRow, Broken, Chain, Place};
pub use auth_log::{AuthFilter, AuthLog, AuthRecord, AuthRow};
pub use batch::LogSettings;
pub use bound::{Bound, NAMES_SHOWN};
pub use changes::{KeyChanged, KeyChanges};
pub use client_configs::ConfigRecord;
pub use clients::{ClientChange, ClientMark, Kept, SealedRow, ShiftedSecret};
pub use deferred::{
    DeferredCounts, DeferredEnd, DeferredFilter, DeferredJob, DeferredResult, DeferredRow,
    DeferredStatus, Filing, NewDeferred,
};
pub use error::StoreError;
pub use events::{EventLog, EventRow, KeptEvent};
pub use federation::{CatalogRow, DriftPage, DriftRow, JsonText, NewResource, ResourceRow};
pub use feed::{ChangeFeed, Topic};
pub use keys::{
    KeyChange, KeyHash, KeyPage, KeyRecord, KeyRow, KeyUpdate, KeysWanted, NewKey, PreviousHash,
    RightNames,
};
pub use management::{ManagementEnd, ManagementRow, ManagementStart, ManagementStatus};
pub use measured::{DayTotals, StorePool};
pub use once::{Claim, ClaimId, KeptAnswer, WriteKey};
pub use operations::{CacheSeen, OnBehalf, OperationDetails, OperationLog, OperationRow};
pub use organizations::{MemberRecord, OrganizationChanged, OrganizationRecord};
pub use own::{OwnStep, own_steps, own_tables};
pub use people::{OpenSession, PersonChange, PersonRecord, PersonUpdate};
pub use policy::{ClientPolicy, GlobalPolicy, Policy};
pub use public_routes::{NewRoute, RouteRecord};
pub use rate::Rate;
pub use requests::{LogSize, RequestCount, RequestLog, RequestRow, RequestSettings};
pub use rights::{RightChanged, RightRecord, RightUpdate};
pub use sessions::{NewSession, SessionRow};
pub use statistics::{ClientUse, Drilldown, DrilldownRow, TableUse};
pub use totp::{NewHalf, TotpConfirmed, TotpRow};
pub use upkeep::{Retention, Upkeep};
pub use users::UserRow;
pub use whole::to_the_end;
pub use working_for::OwnOrganization;

use sqlx::{
    PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{str::FromStr, time::Duration};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

// One statement is one transaction; of two nodes that start at once, one waits.
const IN_USE: &str = "
    do $$ begin
        perform pg_advisory_xact_lock(hashtext('athena_control_store'));
        create table if not exists athena_control_store ();
    end $$";

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

    /// Bring the tables up to what this program knows, and mark them as a gateway's own.
    /// Two at once wait for each other.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        MIGRATIONS.run(&self.pool).await.map_err(StoreError::migration)?;
        sqlx::raw_sql(IN_USE).execute(&self.pool).await?;
        Ok(())
    }

    /// Let go of every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
