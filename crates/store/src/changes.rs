//! Hearing of changes to keys that another process made.

use crate::{Store, StoreError};
use sqlx::postgres::PgListener;

/// The database's own word that keys changed. Reconnects by itself.
pub struct KeyChanges {
    listener: PgListener,
}

impl Store {
    pub async fn key_changes(&self) -> Result<KeyChanges, StoreError> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen("athena_keys").await?;
        Ok(KeyChanges { listener })
    }
}

impl KeyChanges {
    /// Wait for a change. A connection that was lost counts as one: something may have been missed.
    pub async fn next(&mut self) -> Result<(), StoreError> {
        self.listener.try_recv().await?;
        Ok(())
    }
}
