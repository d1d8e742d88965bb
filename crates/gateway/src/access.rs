//! Who is let in: a key becomes a caller before anything of their request is read.

mod keyring;
mod operator;
mod visitor;

pub use keyring::Keyring;
pub use operator::{Desk, NoDesk, Operator};
pub use visitor::Visitor;

use crate::{
    Gateway,
    admin::keys::{Keys, KeysError},
    error::GatewayError,
    ids::Trace,
    observe::Sink,
    once::Once,
    timings::{Stage, Timings},
};
use api_types::ClientName;
use async_trait::async_trait;
use auth::{AdminKeyHash, AuthError, Caller, PresentedKey, Refused};
use std::sync::Arc;

/// What the gateway needs of whoever keeps the keys.
#[async_trait]
pub trait Doorkeeper: Send + Sync {
    /// Who shows this key at this client's door. Answered from memory: no request waits for it.
    fn caller(&self, presented: &PresentedKey, client: &ClientName) -> Result<Caller, AuthError>;

    /// The only client that the key shown opens, before anything about it is checked.
    fn bound_client(&self, _presented: &PresentedKey) -> Option<ClientName> {
        None
    }

    /// Whose key this is, whichever client it is for.
    fn holder(&self, _presented: &PresentedKey) -> Result<Caller, AuthError> {
        Err(AuthError::NotAdmin)
    }

    /// Look again where keys are kept, for a key that may have been made a moment ago.
    /// It must be cheap for many who ask at once: anybody can show an unknown key.
    async fn refresh(&self) {}
}

/// Proof that somebody showed the static admin key.
#[derive(Debug, Clone)]
pub struct Administrator {
    _made_here: (),
}

/// What the gateway checks callers against, and where it writes down what they did.
#[derive(Clone, Default)]
pub struct Access {
    doorkeeper: Option<Arc<dyn Doorkeeper>>,
    admin_key: Option<AdminKeyHash>,
    keys: Option<Keys>,
    operation_log: Option<Arc<dyn Sink>>,
    once: Option<Once>,
    desk: Option<Desk>,
}

impl Access {
    /// No keys and no store: everybody is let in.
    pub fn open() -> Self {
        Self::default()
    }

    pub fn guarded(doorkeeper: Arc<dyn Doorkeeper>) -> Self {
        Self { doorkeeper: Some(doorkeeper), ..Self::default() }
    }

    /// Callers show keys of this keyring, and administrators make and close them.
    pub fn with_keyring(keyring: &Keyring) -> Self {
        Self { keys: Some(keyring.keys()), ..Self::guarded(Arc::new(keyring.clone())) }
    }

    /// Open the administrators' doors for this key; a blank one opens nothing.
    #[must_use]
    pub fn administered(mut self, admin_key: &str) -> Self {
        self.admin_key = AdminKeyHash::of(admin_key);
        self
    }

    /// Also write every operation to this log. It must not block.
    #[must_use]
    pub fn logged(mut self, operation_log: Arc<dyn Sink>) -> Self {
        self.operation_log = Some(operation_log);
        self
    }

    /// Also remember writes that carry a key in this store, so that none is done twice.
    #[must_use]
    pub fn remembering(mut self, store: store::Store) -> Self {
        self.once = Some(Once::new(store));
        self
    }

    pub(crate) fn once(&self) -> Option<&Once> {
        self.once.as_ref()
    }

    pub(crate) fn desk(&self) -> Option<&Desk> {
        self.desk.as_ref()
    }

    pub(crate) fn has_store(&self) -> bool {
        self.doorkeeper.is_some()
    }

    pub(crate) fn operation_sink(&self) -> Option<Arc<dyn Sink>> {
        self.operation_log.clone()
    }

    /// For requests that name no client: the one their key is for, whether or not it lets them in.
    pub(crate) async fn bound_client(&self, presented: &PresentedKey) -> Option<ClientName> {
        let doorkeeper = self.doorkeeper.as_ref()?;
        if presented.is_absent() {
            return None;
        }
        if let Some(client) = doorkeeper.bound_client(presented) {
            return Some(client);
        }
        doorkeeper.refresh().await;
        doorkeeper.bound_client(presented)
    }

    pub(crate) async fn caller(
        &self,
        presented: &PresentedKey,
        client: &ClientName,
    ) -> Result<Caller, AuthError> {
        let Some(doorkeeper) = &self.doorkeeper else { return Ok(Caller::anonymous()) };
        match doorkeeper.caller(presented, client) {
            Err(AuthError::InvalidKey(Refused::Unknown) | AuthError::StoreUnavailable) => {
                doorkeeper.refresh().await;
                doorkeeper.caller(presented, client)
            }
            answer => answer,
        }
    }
}

impl Gateway {
    /// Let a caller in for the client they name. The client need not exist: that is found out
    /// later, by those who may ask for it.
    pub async fn admit(
        &self,
        trace: Trace,
        presented: &PresentedKey,
        client: Option<&str>,
    ) -> Result<Visitor, GatewayError> {
        let mut timings = Timings::start();
        let typed = client.ok_or(GatewayError::MissingClient)?;
        let name = ClientName::parse(typed).map_err(|_unheard_of| GatewayError::unknown(typed))?;
        // A database somebody else named in a header belongs to them alone.
        if self.registry().is_ad_hoc(&name) {
            return Err(GatewayError::unknown(typed));
        }
        let caller = self.access().caller(presented, &name).await?;
        timings.finish(Stage::Auth);
        Ok(Visitor::new(caller, name, trace, timings))
    }

    /// Let an administrator in.
    pub fn administrator(&self, presented: &PresentedKey) -> Result<Administrator, GatewayError> {
        match &self.access().admin_key {
            Some(admin_key) => admin_key.admits(presented)?,
            // Whoever shows nothing learns nothing of how this server is set up.
            None if presented.is_absent() => return Err(AuthError::NotAdmin.into()),
            None => return Err(GatewayError::AdminNotConfigured),
        }
        Ok(Administrator { _made_here: () })
    }

    /// The keys, for an administrator.
    pub fn keys(&self, _: &Administrator) -> Result<&Keys, KeysError> {
        self.access().keys.as_ref().ok_or(KeysError::NoStore)
    }
}
