//! The catalogue of rights.

use super::{
    Keys, KeysError,
    checked::{id_of, text},
    told::right_told,
};
use crate::admin::audit::{Actor, Deed};
use auth::Right;
use store::{RightChanged, RightRecord, RightUpdate};

const RIGHTS_LIMIT: usize = 200;

/// A right that is gone, and how many keys had it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightDeleted {
    pub id: String,
    pub keys: u64,
}

impl Keys {
    /// Rights that can be granted: those that open something here, and those of the catalogue.
    pub(super) async fn known_rights(&self, wanted: &[String]) -> Result<Vec<String>, KeysError> {
        if wanted.len() > RIGHTS_LIMIT {
            return Err(KeysError::TooManyRights { limit: RIGHTS_LIMIT });
        }
        let (mut known, mut named, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        for text in wanted {
            match (Right::parse(text), Right::named(text)) {
                (Ok(right), _) => known.push(right.as_str().to_owned()),
                (Err(_), Ok(right)) => named.push(right.as_str().to_owned()),
                (Err(error), Err(_)) => unknown.push(error.0),
            }
        }
        if !named.is_empty() {
            let listed = self.store.known_rights(&named).await?;
            unknown.extend(named.iter().filter(|name| !listed.contains(*name)).cloned());
            known.extend(listed);
        }
        if unknown.is_empty() { Ok(known) } else { Err(KeysError::UnknownRights(unknown)) }
    }

    /// Every right, by name.
    pub async fn rights(&self) -> Result<Vec<RightRecord>, KeysError> {
        Ok(self.store.list_rights().await?)
    }

    pub async fn create_right(
        &self,
        actor: &Actor,
        name: &str,
        description: Option<String>,
    ) -> Result<RightRecord, KeysError> {
        let name = right_name(name)?;
        let description = text("description", description)?;
        let made = self.store.create_right(&name, description.as_deref()).await?;
        let made = made.ok_or(KeysError::RightTaken { name })?;
        self.done(actor, Deed::done("right.created", &made.id).to(right_told(&made))).await;
        Ok(made)
    }

    /// The description stays when it is not named, and goes when it is null.
    pub async fn change_right(
        &self,
        actor: &Actor,
        id: &str,
        name: &str,
        description: Option<Option<String>>,
    ) -> Result<RightRecord, KeysError> {
        let (id, name) = (id_of(id)?, right_name(name)?);
        let description = description.map(|it| text("description", it)).transpose()?;
        let unknown = || KeysError::UnknownRight { id: id.to_string() };
        let now = self.store.right(id).await?.ok_or_else(unknown)?;
        // What the gateway itself asks for keeps its name.
        if now.name != name {
            refuse_seeded(&now.name)?;
        }
        let description = description.as_ref().map(Option::as_deref);
        match self.store.change_right(id, &name, description).await? {
            RightChanged::Done(changed) => {
                let RightUpdate { before, after } = *changed;
                let deed = Deed::done("right.changed", id).from(right_told(&before));
                self.done(actor, deed.to(right_told(&after))).await;
                Ok(after)
            }
            RightChanged::NameTaken => Err(KeysError::RightTaken { name }),
            RightChanged::Unknown => Err(unknown()),
        }
    }

    /// Every key that had it loses it.
    pub async fn delete_right(&self, actor: &Actor, id: &str) -> Result<RightDeleted, KeysError> {
        let id = id_of(id)?;
        let unknown = || KeysError::UnknownRight { id: id.to_string() };
        let now = self.store.right(id).await?.ok_or_else(unknown)?;
        refuse_seeded(&now.name)?;
        let (record, keys) = self.store.delete_right(id).await?.ok_or_else(unknown)?;
        self.done(actor, Deed::done("right.deleted", id).from(right_told(&record))).await;
        Ok(RightDeleted { id: record.id, keys })
    }
}

/// One that opens something here, or one of somebody's own.
fn right_name(typed: &str) -> Result<String, KeysError> {
    if typed.trim().is_empty() {
        return Err(KeysError::NameRequired);
    }
    let right = Right::parse(typed).or_else(|_unknown| Right::named(typed));
    Ok(right.map_err(|error| KeysError::UnknownRights(vec![error.0]))?.as_str().to_owned())
}

fn refuse_seeded(name: &str) -> Result<(), KeysError> {
    match Right::parse(name) {
        Ok(right) if right.is_seeded() => Err(KeysError::RightBuiltIn { name: name.to_owned() }),
        _ => Ok(()),
    }
}
