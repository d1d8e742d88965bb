//! Databases that callers name themselves, in a header: off unless switched on, guarded, and few.

mod error;
mod guard;
mod slots;
mod target;

pub use error::AdHocError;
pub use guard::AdHocRules;
pub use target::{Target, Tls};

use super::{ClientInfo, Entry, Upstream};
use crate::{
    Gateway,
    access::Visitor,
    error::GatewayError,
    ids::Trace,
    resilience::ResilienceSettings,
    timings::{Stage, Timings},
};
use api_types::ClientName;
use auth::{Permit, PresentedKey};
use backend::Backend;
use sha2::{Digest, Sha256};
use slots::Slots;
use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// The right to name a database in a header.
const RIGHT: &str = "gateway.jdbc";

/// How long a new database may take to answer for the first time, its name's lookup included.
const FIRST_ANSWER: Duration = Duration::from_secs(10);

/// How long its first caller waits for its tables to be read.
const FIRST_LOOK: Duration = Duration::from_secs(8);

/// Makes a backend for a target. The gateway knows no backend, so somebody else does.
pub trait Connector: Send + Sync {
    /// Connect to this address and to no other, whatever the target's host is called. Sends nothing yet.
    fn connect(&self, target: &Target, address: SocketAddr)
    -> Result<Arc<dyn Backend>, AdHocError>;
}

/// The databases that were named in headers lately.
#[derive(Default)]
pub(super) struct AdHoc {
    open: OnceLock<Door>,
    slots: Arc<Slots>,
}

struct Door {
    rules: AdHocRules,
    connector: Arc<dyn Connector>,
    /// Makes names that nobody can guess from a connection string.
    salt: [u8; 32],
}

impl std::fmt::Debug for AdHoc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdHoc").field("is_open", &self.open.get().is_some()).finish_non_exhaustive()
    }
}

impl AdHoc {
    pub(super) fn get(&self, name: &ClientName) -> Option<Arc<Upstream>> {
        // Where nobody may name a database, no request looks for one.
        self.open.get()?;
        self.slots.get(name)
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) async fn close(&self) {
        self.slots.close().await;
    }

    fn door(&self) -> Result<&Door, AdHocError> {
        self.open.get().ok_or(AdHocError::Off)
    }

    /// Make sure that there is a connected upstream of this name.
    async fn ensure(
        &self,
        name: &ClientName,
        target: &Target,
        resilience: &ResilienceSettings,
    ) -> Result<(), AdHocError> {
        let door = self.door()?;
        let slot = self.slots.take(name)?;
        let made = slot.upstream.get_or_try_init(|| door.connect(name, target, resilience)).await;
        if let Err(error) = made {
            self.slots.forget(name, &slot);
            return Err(error);
        }
        Slots::watch(&self.slots, name.clone(), &slot);
        Ok(())
    }
}

impl Door {
    async fn connect(
        &self,
        name: &ClientName,
        target: &Target,
        resilience: &ResilienceSettings,
    ) -> Result<Entry, AdHocError> {
        let work = async {
            let address = self.rules.resolve(target).await?;
            let backend = self.connector.connect(target, address)?;
            match backend.ping().await {
                Ok(()) => {
                    let info = ClientInfo::default();
                    // Somebody waits for it, so it needs no turn.
                    Ok(Entry::start(
                        name.clone(),
                        backend,
                        info,
                        resilience,
                        super::Turns::default(),
                    ))
                }
                Err(error) => {
                    backend.close().await;
                    // What went wrong would tell a caller what listens where.
                    tracing::info!(client = %name, error = %error, "a database named in a header does not answer");
                    Err(AdHocError::Unreachable)
                }
            }
        };
        let made = tokio::time::timeout(FIRST_ANSWER, work).await;
        let entry = made.unwrap_or(Err(AdHocError::Unreachable))?;
        // Its first caller waits for its tables; a large database goes on without them.
        let _ = tokio::time::timeout(FIRST_LOOK, entry.upstream.settled()).await;
        Ok(entry)
    }

    fn name_of(&self, target: &Target) -> ClientName {
        let mut hash = Sha256::new();
        hash.update(self.salt);
        target.feed(&mut |part| hash.update(part));
        let digest = hash.finalize();
        let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        ClientName::parse(&format!("header-{hex}")).expect("hex digits make a client's name")
    }
}

impl Gateway {
    /// Let callers name databases in a header, by these rules. The first rules stay.
    pub fn open_to_targets(&self, rules: AdHocRules, connector: Arc<dyn Connector>) {
        let door = Door { rules, connector, salt: rand::random() };
        if self.registry().ad_hoc.open.set(door).is_err() {
            tracing::error!("the rules for databases named in headers were set twice");
        }
    }

    /// Whether callers may name databases at all.
    pub fn takes_targets(&self) -> bool {
        self.registry().ad_hoc.open.get().is_some()
    }

    /// What the settings say of databases that callers name, if they may name any.
    pub(crate) fn target_rules(&self) -> Option<&AdHocRules> {
        self.registry().ad_hoc.open.get().map(|door| &door.rules)
    }

    /// Let a caller in for the database they name themselves. A key that is bound to a client opens none.
    pub async fn admit_to_target(
        &self,
        trace: Trace,
        presented: &PresentedKey,
        url: &str,
    ) -> Result<Visitor, GatewayError> {
        let mut timings = Timings::start();
        let ad_hoc = &self.registry().ad_hoc;
        let door = ad_hoc.door()?;
        let target = Target::parse(url)?;
        let name = door.name_of(&target);
        let caller = self.access().caller(presented, &name).await?;
        // Nothing is looked up or connected to for somebody who may not.
        Permit::for_right(&caller, &name, RIGHT)?;
        timings.finish(Stage::Auth);
        door.rules.check_host(&target)?;
        ad_hoc.ensure(&name, &target, &self.settings().resilience).await?;
        Ok(Visitor::new(caller, name, trace, timings))
    }
}
