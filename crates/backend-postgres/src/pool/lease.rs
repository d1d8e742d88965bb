//! A session in use. Dropped without being returned, its statement is cancelled in the database.

use super::{Session, Shared, cancel};
use sqlx::PgConnection;
use std::sync::Arc;
use tokio::{runtime::Handle, sync::OwnedSemaphorePermit};

/// Whether the session served somebody before; if so it may have died unnoticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    Fresh,
    Reused,
}

pub(crate) struct Lease {
    pool: Arc<Shared>,
    /// Both are there until the lease ends.
    held: Option<(Session, OwnedSemaphorePermit)>,
    age: Age,
}

impl Lease {
    pub(super) fn new(
        pool: Arc<Shared>,
        session: Session,
        permit: OwnedSemaphorePermit,
        age: Age,
    ) -> Self {
        Self { pool, held: Some((session, permit)), age }
    }

    pub(crate) fn is_reused(&self) -> bool {
        self.age == Age::Reused
    }

    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        let (session, _) = self.held.as_mut().expect("a lease holds its session until it ends");
        &mut session.connection
    }

    /// The statement is done and the session is healthy.
    pub(crate) fn release(mut self) {
        if let Some((session, permit)) = self.held.take() {
            self.pool.put_back(session);
            drop(permit);
        }
    }

    /// The session is lost.
    pub(crate) fn discard(mut self) {
        self.held = None;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some((session, permit)) = self.held.take() else { return };
        // Without a runtime there is nobody to cancel; closing the socket has to do.
        if let Ok(runtime) = Handle::try_current() {
            let pool = Arc::clone(&self.pool);
            runtime.spawn(async move {
                cancel::wind_down(pool, session).await;
                drop(permit);
            });
        }
    }
}
