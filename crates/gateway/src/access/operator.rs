//! Who may change how this gateway is set up: the static admin key, or a key with that right.

use crate::{
    Gateway,
    admin::audit::{Actor, Audit},
    error::GatewayError,
};
use api_types::{ClientName, Problem};
use auth::{AuthError, Caller, Credential, Permit, PresentedKey, Refused};
use store::{ChangeFeed, Store};

/// Proof that somebody may do one kind of administrator's work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    actor: Actor,
    /// The only client they may do it to; none means all.
    client: Option<ClientName>,
}

impl Operator {
    /// The gateway's own work, and that of commands on the machine itself.
    pub fn system() -> Self {
        Self { actor: Actor::System, client: None }
    }

    /// Somebody whose session the console has just checked.
    pub fn person(user_id: &str) -> Self {
        Self { actor: Actor::Person(user_id.into()), client: None }
    }

    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// A key that was made for one client administers that one.
    pub fn may_touch(&self, client: &ClientName) -> bool {
        self.client.as_ref().is_none_or(|bound| bound == client)
    }

    /// The only client that this operator administers.
    pub fn bound_to(&self) -> Option<&ClientName> {
        self.client.as_ref()
    }
}

/// What administration works on: our own tables, and word of changes to them.
#[derive(Clone)]
pub struct Desk {
    pub store: Store,
    pub feed: ChangeFeed,
    pub audit: Audit,
}

impl Desk {
    pub fn new(store: Store, feed: ChangeFeed) -> Self {
        let audit = Audit::new(store.clone());
        Self { store, feed, audit }
    }
}

/// There is no store, so there is nothing to administer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this gateway has no control store")]
pub struct NoDesk;

impl NoDesk {
    pub fn problem(&self) -> Problem {
        Problem::new(503, "store_not_configured", "The control store is not configured")
            .with_hint("Set store.uri, or let Athena run its own PostgreSQL.")
    }
}

impl Gateway {
    /// Let somebody in who holds the admin key, or an API key with this right.
    pub async fn operator(
        &self,
        presented: &PresentedKey,
        right: &str,
    ) -> Result<Operator, GatewayError> {
        let refused = match self.administrator(presented) {
            Ok(_administrator) => return Ok(Operator { actor: Actor::AdminKey, client: None }),
            Err(refused) => refused,
        };
        // What is no API key is answered as a wrong admin key is.
        let Ok(caller) = self.access().holder(presented).await else { return Err(refused) };
        match caller.credential() {
            Credential::Key { id, client, .. } => {
                let own = client.clone().unwrap_or_else(unbound);
                Permit::for_right(&caller, &own, right)?;
                Ok(Operator { actor: Actor::Key(id.clone()), client: client.clone() })
            }
            _ => Err(refused),
        }
    }

    /// What administrators work on.
    pub fn desk(&self, _proof: &Operator) -> Result<&Desk, GatewayError> {
        Ok(self.access().desk.as_ref().ok_or(NoDesk)?)
    }
}

/// Stands for no client in particular; a key without one is compared with none.
fn unbound() -> ClientName {
    ClientName::parse("any").expect("the name is one")
}

impl super::Access {
    /// Work on these tables, and hear of changes to them.
    #[must_use]
    pub fn administering(mut self, desk: Desk) -> Self {
        self.desk = Some(desk);
        self
    }

    /// Whose key this is, whichever client it is for. It must be right, active and not over.
    pub(crate) async fn holder(&self, presented: &PresentedKey) -> Result<Caller, AuthError> {
        let Some(doorkeeper) = &self.doorkeeper else { return Err(AuthError::NotAdmin) };
        match doorkeeper.holder(presented) {
            Err(AuthError::InvalidKey(Refused::Unknown) | AuthError::StoreUnavailable) => {
                doorkeeper.refresh().await;
                doorkeeper.holder(presented)
            }
            answer => answer,
        }
    }
}
