//! A database that answers when a test lets it, and tells who stopped waiting for it.

use backend::{Backend, BackendError, Capabilities, Outcome, fake::FakeBackend};
use bytes::BytesMut;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

#[derive(Debug)]
pub struct Gated {
    pub inner: FakeBackend,
    /// While it is shut, statements wait for a permit of `passes` after they have read their rows.
    pub is_shut: AtomicBool,
    /// Whether writes wait as well.
    pub holds_writes: AtomicBool,
    pub passes: Semaphore,
    pub waiting: AtomicUsize,
    pub dropped: AtomicUsize,
}

/// Notices when the statement it stands for is dropped before its end.
struct Waiting<'a>(&'a Gated, bool);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, SeqCst);
        if !self.1 {
            self.0.dropped.fetch_add(1, SeqCst);
        }
    }
}

impl Gated {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            inner: FakeBackend::new(crate::support::shop()),
            is_shut: AtomicBool::new(false),
            holds_writes: AtomicBool::new(false),
            passes: Semaphore::new(0),
            waiting: AtomicUsize::new(0),
            dropped: AtomicUsize::new(0),
        })
    }

    /// Until so many statements wait.
    pub async fn until_waiting(&self, count: usize) {
        tokio::time::timeout(Duration::from_secs(5), async {
            while self.waiting.load(SeqCst) != count {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await
        .expect("the statement comes or goes");
    }
}

#[async_trait::async_trait]
impl Backend for Gated {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
    fn render(&self, plan: &query::Plan) -> Result<query::Statement, query::RenderError> {
        self.inner.render(plan)
    }
    fn render_count(
        &self,
        plan: &query::Plan,
    ) -> Result<Option<query::Statement>, query::RenderError> {
        self.inner.render_count(plan)
    }
    async fn execute(
        &self,
        permit: &auth::Permit,
        statement: &query::Statement,
        deadline: Duration,
        out: &mut BytesMut,
    ) -> Result<Outcome, BackendError> {
        let outcome = self.inner.execute(permit, statement, deadline, out).await?;
        let waits = statement.access() == query::Access::ReadOnly || self.holds_writes.load(SeqCst);
        if self.is_shut.load(SeqCst) && waits {
            self.waiting.fetch_add(1, SeqCst);
            let mut waiting = Waiting(self, false);
            self.passes.acquire().await.expect("it is never closed").forget();
            waiting.1 = true;
        }
        Ok(outcome)
    }
    async fn count(
        &self,
        permit: &auth::Permit,
        statement: &query::Statement,
        deadline: Duration,
    ) -> Result<u64, BackendError> {
        self.inner.count(permit, statement, deadline).await
    }
    async fn introspect(&self) -> Result<catalog::SchemaCache, BackendError> {
        self.inner.introspect().await
    }
    async fn ping(&self) -> Result<(), BackendError> {
        Ok(())
    }
    async fn close(&self) {}
}
