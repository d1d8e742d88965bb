//! Changing a key: what is not named stays, and null empties.

use super::{KeyRecord, grant, locked, shown};
use crate::{Store, StoreError, moment};
use std::time::SystemTime;
use uuid::Uuid;

/// What becomes of a key. An outer nothing leaves the field as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyChange {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub client_name: Option<Option<String>>,
    pub expires_at: Option<Option<SystemTime>>,
    pub is_active: Option<bool>,
    /// All of its rights from now on.
    pub rights: Option<Vec<String>>,
}

/// A key before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUpdate {
    pub before: KeyRecord,
    pub after: KeyRecord,
}

const CHANGE: &str = include_str!("change.sql");

impl Store {
    /// Nothing when there is no such key.
    pub async fn change_key(
        &self,
        id: Uuid,
        change: &KeyChange,
    ) -> Result<Option<KeyUpdate>, StoreError> {
        let mut transaction = self.begin().await?;
        let Some(row) = locked(&mut transaction, id).await? else { return Ok(None) };
        let before = shown(&mut transaction, row).await?;
        sqlx::query(CHANGE)
            .bind(row)
            .bind(&change.name)
            .bind(change.description.is_some())
            .bind(change.description.as_ref().and_then(Option::as_deref))
            .bind(change.client_name.is_some())
            .bind(change.client_name.as_ref().and_then(Option::as_deref))
            .bind(change.expires_at.is_some())
            .bind(change.expires_at.flatten().map(moment::to_micros))
            .bind(change.is_active)
            .execute(&mut *transaction)
            .await?;
        if let Some(rights) = &change.rights {
            sqlx::query("delete from api_key_right_grants where api_key_id = $1")
                .bind(row)
                .execute(&mut *transaction)
                .await?;
            grant(&mut transaction, row, rights).await?;
        }
        let after = shown(&mut transaction, row).await?;
        transaction.commit().await?;
        Ok(Some(KeyUpdate { before, after }))
    }
}
