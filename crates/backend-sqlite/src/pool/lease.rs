//! A session in use. Dropped without being returned, its statement is interrupted.

use super::{Session, Shared};
use sqlx::SqliteConnection;
use std::sync::Arc;
use tokio::{runtime::Handle, sync::OwnedSemaphorePermit};

pub(crate) struct Lease {
    pool: Arc<Shared>,
    /// Both are there until the lease ends.
    held: Option<(Session, OwnedSemaphorePermit)>,
}

impl Lease {
    pub(super) fn new(pool: Arc<Shared>, session: Session, permit: OwnedSemaphorePermit) -> Self {
        Self { pool, held: Some((session, permit)) }
    }

    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        let (session, _) = self.held.as_mut().expect("a lease holds its session until it ends");
        &mut session.connection
    }

    /// The statement is done and nothing is left of it.
    pub(crate) fn release(mut self) {
        if let Some((session, permit)) = self.held.take() {
            self.pool.put_back(session);
            drop(permit);
        }
    }
}

impl Drop for Lease {
    /// Opening a file again costs less than finding out what a stopped session still holds.
    fn drop(&mut self) {
        let Some((session, permit)) = self.held.take() else { return };
        // Without a runtime the session's own thread ends by itself.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                session.stop().await;
                drop(permit);
            });
        }
    }
}
