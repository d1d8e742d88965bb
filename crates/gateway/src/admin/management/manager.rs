//! Who changes structure: somebody with the admin key, or a key with the right, at one client.

use super::ManagementError;
use crate::{
    Gateway,
    access::Desk,
    admin::audit::{Actor, Deed},
    error::GatewayError,
    ids::Trace,
    registry::Upstream,
};
use api_types::ClientName;
use auth::{Caller, Credential, Permit, PermitError, PresentedKey};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use store::AuditOutcome;

/// Somebody who was let in to one client's structure. What they may do there is decided right by right.
#[derive(Debug, Clone)]
pub struct Manager {
    pub(super) actor: Actor,
    who: Who,
    pub(super) upstream: Arc<Upstream>,
    pub(super) trace: Trace,
    /// For whom it is, as headers say and nobody checked.
    pub(super) claimed: Map<String, Value>,
}

#[derive(Debug, Clone)]
enum Who {
    /// The admin key, or a right that was checked at the door.
    Cleared,
    Key(Caller),
}

impl Manager {
    /// Whoever passed an operator's door for this.
    pub(super) fn cleared(actor: Actor, upstream: Arc<Upstream>, trace: Trace) -> Self {
        Self { actor, who: Who::Cleared, upstream, trace, claimed: Map::new() }
    }

    /// Whether the key they hold is for this client alone.
    pub(super) fn is_bound(&self) -> bool {
        match &self.who {
            Who::Cleared => false,
            Who::Key(caller) => {
                matches!(caller.credential(), Credential::Key { client: Some(_), .. })
            }
        }
    }

    pub fn client(&self) -> &ClientName {
        self.upstream.name()
    }

    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Any one of these rights is enough.
    pub(super) fn permit(&self, any_of: &[&str]) -> Result<Permit, PermitError> {
        let Who::Key(caller) = &self.who else { return Ok(Permit::system()) };
        let mut refused = None;
        for right in any_of {
            match Permit::for_right(caller, self.client(), right) {
                Ok(permit) => return Ok(permit),
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        Err(refused.unwrap_or_else(|| PermitError::MissingRight("management".to_owned())))
    }

    /// The rights that matter here.
    pub(super) fn granted(&self) -> Vec<String> {
        let Who::Key(caller) = &self.who else { return vec!["*".to_owned()] };
        let Credential::Key { rights, .. } = caller.credential() else { return Vec::new() };
        let matter =
            |right: &str| right == "*" || right.to_ascii_lowercase().starts_with("management.");
        let rights = rights.iter().map(auth::Right::as_str);
        rights.filter(|right| matter(right)).map(str::to_owned).collect()
    }
}

impl Gateway {
    /// Let somebody in to the structure of the client they name.
    ///
    /// A key is demanded here, whatever the policy for data says.
    pub async fn manager(
        &self,
        trace: Trace,
        presented: &PresentedKey,
        client: Option<&str>,
        claimed: Map<String, Value>,
    ) -> Result<Manager, GatewayError> {
        let typed = client.ok_or(GatewayError::MissingClient)?;
        let name = ClientName::parse(typed).map_err(|_unheard_of| GatewayError::unknown(typed));
        let found = name.and_then(|name| match self.registry().is_ad_hoc(&name) {
            true => Err(GatewayError::unknown(typed)),
            false => self.registry().get(&name),
        });
        // Older callers find out so that they misspelt a name before they have a key.
        let is_asleep = matches!(found, Err(GatewayError::Unavailable { .. }));
        if presented.is_absent() && !is_asleep {
            found.as_ref().map_err(|_| GatewayError::unknown(typed))?;
        }
        let (who, actor, bound) = self.identify(presented).await?;
        // Whoever holds another client's key learns nothing of which clients there are.
        if let Some(bound) = bound
            && ClientName::parse(typed).ok().as_ref() != Some(&bound)
        {
            return Err(PermitError::ClientMismatch.into());
        }
        let upstream = match found {
            Err(GatewayError::Unavailable { name, .. }) => {
                let name =
                    ClientName::parse(&name).map_err(|_no_name| GatewayError::unknown(typed))?;
                self.upstream(&name).await?
            }
            found => found?,
        };
        Ok(Manager { actor, who, upstream, trace, claimed })
    }

    async fn identify(
        &self,
        presented: &PresentedKey,
    ) -> Result<(Who, Actor, Option<ClientName>), GatewayError> {
        if self.administrator(presented).is_ok() {
            return Ok((Who::Cleared, Actor::AdminKey, None));
        }
        if !self.access().has_store() {
            return Err(crate::access::NoDesk.into());
        }
        let caller = self.access().holder(presented).await?;
        match caller.credential() {
            Credential::Key { id, client, .. } => {
                let (actor, bound) = (Actor::Key(id.clone()), client.clone());
                Ok((Who::Key(caller), actor, bound))
            }
            _ => Err(auth::AuthError::NotAdmin.into()),
        }
    }

    pub(super) fn management_desk(&self) -> Result<&Desk, GatewayError> {
        Ok(self.access().desk().ok_or(crate::access::NoDesk)?)
    }

    /// The permit for one of these rights; that it was refused is written down.
    pub(super) async fn demand(
        &self,
        manager: &Manager,
        any_of: &[&str],
    ) -> Result<Permit, GatewayError> {
        let refused = match manager.permit(any_of) {
            Ok(permit) => return Ok(permit),
            Err(refused) => refused,
        };
        if let Some(desk) = self.access().desk() {
            let deed = Deed::done("management.refused", manager.client().as_str());
            let deed = Deed { outcome: AuditOutcome::Refused, ..deed };
            let deed = deed
                .to(json!({ "needed": any_of, "request_id": manager.trace.request_id.as_str() }));
            desk.audit.tell(&manager.actor, &deed).await;
        }
        Err(refused.into())
    }

    /// Nobody changes the tables that hold the keys and this very log.
    pub(super) async fn refuse_own_store(&self, upstream: &Upstream) -> Result<(), GatewayError> {
        let desk = self.management_desk()?;
        let own = desk.store.whereabouts().await.map_err(ManagementError::StoreUnavailable)?;
        let theirs = upstream.backend().whereabouts().await;
        let theirs = theirs.map_err(|source| GatewayError::Backend { source, operation: None })?;
        match (own, theirs) {
            (Some((system, database)), Some(theirs))
                if (theirs.system, theirs.database) == (system, database) =>
            {
                Err(ManagementError::OwnStore { client: upstream.name().to_string() }.into())
            }
            _ => Ok(()),
        }
    }
}
