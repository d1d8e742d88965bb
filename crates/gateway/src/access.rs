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

/// Proof that somebody showed the static admin key.
#[derive(Debug, Clone)]
pub struct Administrator {
    _made_here: (),
}

/// What the gateway checks callers against.
#[derive(Clone, Default)]
pub struct Access {}

impl Access {
    /// No keys and no store: everybody is let in.
    pub fn open() -> Self {
        Self::default()
    }

    pub(crate) fn has_store(&self) -> bool {
        false
    }

    pub(crate) fn operation_sink(&self) -> Option<Arc<dyn Sink>> {
        None
    }

    fn caller(&self, presented: &PresentedKey, client: &ClientName) -> Result<Caller, AuthError> {
        todo!()
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

    pub fn administrator(&self, presented: &PresentedKey) -> Result<Administrator, GatewayError> {
        todo!()
    }
}
