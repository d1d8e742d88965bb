//! Taking away the second step of somebody who has lost theirs.

use super::{People, PeopleError, unknown};
use crate::admin::{
    audit::{Actor, Deed},
    keys::checked::id_of,
};

impl People {
    /// From now on their password or link is enough. Half-done sign-ins begin anew.
    pub async fn remove_second_step(&self, actor: &Actor, id: &str) -> Result<(), PeopleError> {
        let id = id_of(id)?;
        self.store.person(id).await?.ok_or_else(|| unknown(id))?;
        if !self.store.remove_totp(id).await? {
            return Err(PeopleError::NoSecondStep { person: id.to_string() });
        }
        self.audit.tell(actor, &Deed::done("totp.removed", id)).await;
        Ok(())
    }
}
