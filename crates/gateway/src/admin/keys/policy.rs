//! Whether keys are demanded.

use super::{Keys, KeysError, checked::client, told::policy_told};
use crate::admin::audit::{Actor, Deed};
use store::{ClientPolicy, GlobalPolicy};

impl Keys {
    /// The policy for all, and those of single clients by name.
    pub async fn policies(&self) -> Result<(GlobalPolicy, Vec<ClientPolicy>), KeysError> {
        Ok(self.store.policies().await?)
    }

    pub async fn set_policy(
        &self,
        actor: &Actor,
        enforced: bool,
    ) -> Result<GlobalPolicy, KeysError> {
        let policy = self.store.set_policy(enforced).await?;
        self.done(actor, Deed::done("policy.changed", "*").to(policy_told(enforced))).await;
        Ok(policy)
    }

    pub async fn set_client_policy(
        &self,
        actor: &Actor,
        name: &str,
        enforced: bool,
    ) -> Result<ClientPolicy, KeysError> {
        let name = client(name.to_owned())?;
        let policy = self.store.set_client_policy(&name, enforced).await?;
        self.done(actor, Deed::done("policy.changed", name).to(policy_told(enforced))).await;
        Ok(policy)
    }

    /// From now on the policy for all holds for this client; its name comes back.
    pub async fn clear_client_policy(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<String, KeysError> {
        let name = client(name.to_owned())?;
        if !self.store.clear_client_policy(&name).await? {
            return Err(KeysError::NoPolicy { client: name });
        }
        self.done(actor, Deed::done("policy.cleared", &name)).await;
        Ok(name)
    }
}
