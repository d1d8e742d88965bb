//! Hearing of changes to keys that another process made.

use crate::{Store, StoreError};
use sqlx::postgres::{PgListener, PgNotification};

/// The database's own word that keys changed. Reconnects by itself.
pub struct KeyChanges {
    listener: PgListener,
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyChanged {
    /// The key of this row: made, changed, given other rights, or gone.
    Key(i64),
    /// Anything: a policy, a right, or something that was missed.
    Anything,
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
    pub async fn next(&mut self) -> Result<KeyChanged, StoreError> {
        let heard = self.listener.try_recv().await?;
        Ok(heard.as_ref().map_or(KeyChanged::Anything, what))
    }

    /// One that was heard already.
    pub fn heard(&mut self) -> Option<KeyChanged> {
        self.listener.next_buffered().as_ref().map(what)
    }
}

fn what(heard: &PgNotification) -> KeyChanged {
    heard.payload().parse().map_or(KeyChanged::Anything, KeyChanged::Key)
}
