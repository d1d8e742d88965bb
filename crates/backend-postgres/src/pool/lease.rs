//! A session in use. Dropped without being returned, its statement is cancelled in the database.

use super::{Session, Shared, cancel};
use sqlx::{Connection, Executor, PgConnection};
use std::sync::Arc;
use tokio::{runtime::Handle, sync::OwnedSemaphorePermit};

/// Whether the session served somebody before; if so it may have died unnoticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    Fresh,
    Reused,
}

/// What becomes of the session when the lease ends well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Afterwards {
    Keep,
    /// Settings, locks and temporary tables may have changed: put them back first.
    Wash,
    /// Anything may have changed.
    Close,
}

pub(crate) struct Lease {
    pool: Arc<Shared>,
    /// Both are there until the lease ends.
    held: Option<(Session, OwnedSemaphorePermit)>,
    age: Age,
    afterwards: Afterwards,
}

impl Lease {
    pub(super) fn new(
        pool: Arc<Shared>,
        session: Session,
        permit: OwnedSemaphorePermit,
        age: Age,
    ) -> Self {
        Self { pool, held: Some((session, permit)), age, afterwards: Afterwards::Keep }
    }

    pub(crate) fn is_reused(&self) -> bool {
        self.age == Age::Reused
    }

    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        let (session, _) = self.held.as_mut().expect("a lease holds its session until it ends");
        &mut session.connection
    }

    pub(crate) fn session(&mut self) -> &mut Session {
        let (session, _) = self.held.as_mut().expect("a lease holds its session until it ends");
        session
    }

    /// All that the session prepared, on its own and for us.
    pub(crate) async fn forget_statements(&mut self) -> Result<(), sqlx::Error> {
        let session = self.session();
        session.prepared.forget();
        session.connection.clear_cached_statements().await?;
        session.connection.execute("DEALLOCATE ALL").await.map(drop)
    }

    /// Decide before anything runs, so that it holds however that ends.
    pub(crate) fn afterwards(&mut self, afterwards: Afterwards) {
        self.afterwards = afterwards;
    }

    /// The statement is done and the session is healthy.
    pub(crate) fn release(mut self) {
        let Some((session, permit)) = self.held.take() else { return };
        let pool = Arc::clone(&self.pool);
        match self.afterwards {
            Afterwards::Keep => pool.put_back(session),
            Afterwards::Close => {}
            Afterwards::Wash => in_background(permit, cancel::wash(pool, session)),
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
        let pool = Arc::clone(&self.pool);
        in_background(permit, cancel::wind_down(pool, session, self.afterwards));
    }
}

/// The turn is given on only when the session is back or gone.
fn in_background(permit: OwnedSemaphorePermit, work: impl Future<Output = ()> + Send + 'static) {
    // Without a runtime there is nobody to do it; closing the socket has to do.
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn(async move {
            work.await;
            drop(permit);
        });
    }
}
