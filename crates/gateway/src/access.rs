//! Who is let in: a key becomes a caller before anything of their request is read.

mod visitor;

pub use visitor::Visitor;

use crate::{
    Gateway,
    error::GatewayError,
    ids::Trace,
    observe::Sink,
    timings::{Stage, Timings},
};
use api_types::ClientName;
use auth::{AuthError, Caller, PresentedKey};
use std::sync::Arc;

/// What the gateway needs of whoever keeps the keys. It answers from memory: no request waits for it.
pub trait Doorkeeper: Send + Sync {
    /// Who shows this key at this client's door.
    fn caller(&self, presented: &PresentedKey, client: &ClientName) -> Result<Caller, AuthError>;

    /// Whether this is the static admin key.
    fn administrator(&self, presented: &PresentedKey) -> Result<(), AuthError>;
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
    operation_log: Option<Arc<dyn Sink>>,
}

impl Access {
    /// No keys and no store: everybody is let in.
    pub fn open() -> Self {
        Self::default()
    }

    pub fn guarded(doorkeeper: Arc<dyn Doorkeeper>) -> Self {
        Self { doorkeeper: Some(doorkeeper), operation_log: None }
    }

    /// Also write every operation to this log. It must not block.
    #[must_use]
    pub fn logged(mut self, operation_log: Arc<dyn Sink>) -> Self {
        self.operation_log = Some(operation_log);
        self
    }

    pub(crate) fn has_store(&self) -> bool {
        self.doorkeeper.is_some()
    }

    pub(crate) fn operation_sink(&self) -> Option<Arc<dyn Sink>> {
        self.operation_log.clone()
    }

    fn caller(&self, presented: &PresentedKey, client: &ClientName) -> Result<Caller, AuthError> {
        match &self.doorkeeper {
            Some(doorkeeper) => doorkeeper.caller(presented, client),
            None => Ok(Caller::anonymous()),
        }
    }
}

impl Gateway {
    /// Let a caller in for the client they name. The client need not exist: that is found out
    /// later, by those who may ask for it.
    pub fn admit(
        &self,
        trace: Trace,
        presented: &PresentedKey,
        client: Option<&str>,
    ) -> Result<Visitor, GatewayError> {
        let mut timings = Timings::start();
        let typed = client.ok_or(GatewayError::MissingClient)?;
        let name = ClientName::parse(typed).map_err(|_unheard_of| GatewayError::unknown(typed))?;
        let caller = self.access().caller(presented, &name)?;
        timings.finish(Stage::Auth);
        Ok(Visitor::new(caller, name, trace, timings))
    }

    /// Let an administrator in.
    pub fn administrator(&self, presented: &PresentedKey) -> Result<Administrator, GatewayError> {
        match &self.access().doorkeeper {
            Some(doorkeeper) => doorkeeper.administrator(presented)?,
            None => return Err(GatewayError::AdminNotConfigured),
        }
        Ok(Administrator { _made_here: () })
    }
}
