//! Clients that fail, recover and change, in paused time.

use super::*;
use async_trait::async_trait;
use auth::Permit;
use backend::{BackendError, Capabilities, Outcome};
use bytes::BytesMut;
use catalog::SchemaCache;
use query::{Plan, RenderError, Statement};
use std::{
    io,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// A database whose presence a test switches.
#[derive(Debug, Default)]
struct Switched {
    up: AtomicBool,
    /// Never answers at all.
    silent: AtomicBool,
    introspections: AtomicUsize,
}

#[async_trait]
impl Backend for Switched {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            transactions: true,
            offset: true,
            exact_count: true,
            joins: true,
            streams: false,
            raw_sql: false,
            routines: false,
        }
    }
    fn render(&self, plan: &Plan) -> Result<Statement, RenderError> {
        Statement::postgres(plan)
    }
    fn render_count(&self, plan: &Plan) -> Result<Option<Statement>, RenderError> {
        Statement::postgres_count(plan)
    }
    async fn execute(
        &self,
        _: &Permit,
        _: &Statement,
        _: Duration,
        _: &mut BytesMut,
    ) -> Result<Outcome, BackendError> {
        Ok(Outcome::default())
    }
    async fn count(&self, _: &Permit, _: &Statement, _: Duration) -> Result<u64, BackendError> {
        Ok(0)
    }
    async fn introspect(&self) -> Result<SchemaCache, BackendError> {
        self.introspections.fetch_add(1, Ordering::SeqCst);
        if self.silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.up.load(Ordering::SeqCst) {
            return Ok(SchemaCache::default());
        }
        let source = Box::new(io::Error::from(io::ErrorKind::ConnectionRefused));
        Err(BackendError::Unreachable { source })
    }
    async fn ping(&self) -> Result<(), BackendError> {
        Ok(())
    }
    async fn close(&self) {}
}

fn registered(backend: &Arc<Switched>) -> (Registry, Arc<Upstream>) {
    let registry = Registry::default();
    let name = ClientName::parse("shop").unwrap();
    let upstream = registry.add(name, Arc::clone(backend) as _, ClientInfo::default());
    (registry, upstream)
}

#[tokio::test(start_paused = true)]
async fn a_client_that_was_down_becomes_ready_by_itself() {
    let backend = Arc::new(Switched::default());
    let (_registry, upstream) = registered(&backend);
    assert_eq!(upstream.readiness(), Readiness::Connecting);
    assert!(matches!(upstream.schema().await, Err(GatewayError::Unavailable { .. })));
    backend.up.store(true, Ordering::SeqCst);
    sleep(Duration::from_secs(6)).await;
    assert!(upstream.schema().await.is_ok());
    assert_eq!(upstream.readiness(), Readiness::Ready);
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_keeps_a_request_waiting_for_a_second_only() {
    let backend = Arc::new(Switched::default());
    backend.silent.store(true, Ordering::SeqCst);
    let (_registry, upstream) = registered(&backend);
    let before = Instant::now();
    assert!(matches!(upstream.schema().await, Err(GatewayError::Unavailable { .. })));
    assert!(before.elapsed() < Duration::from_millis(1100), "{:?}", before.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_lost_client_is_noticed_and_its_retries_stay_rare() {
    let backend = Arc::new(Switched::default());
    backend.up.store(true, Ordering::SeqCst);
    let (_registry, upstream) = registered(&backend);
    assert!(upstream.schema().await.is_ok());
    backend.up.store(false, Ordering::SeqCst);
    upstream.suspect();
    sleep(Duration::from_millis(1)).await;
    assert!(matches!(upstream.readiness(), Readiness::Unavailable { .. }));
    let before = backend.introspections.load(Ordering::SeqCst);
    sleep(Duration::from_secs(600)).await;
    let tries = backend.introspections.load(Ordering::SeqCst) - before;
    assert!((120..=260).contains(&tries), "{tries} tries in ten minutes");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_refreshes_is_one_introspection() {
    let backend = Arc::new(Switched::default());
    backend.up.store(true, Ordering::SeqCst);
    let (_registry, upstream) = registered(&backend);
    upstream.schema().await.unwrap();
    assert_eq!(backend.introspections.load(Ordering::SeqCst), 1);
    for _ in 0..1000 {
        upstream.refresh().await;
    }
    assert_eq!(backend.introspections.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn replacing_a_client_ends_the_watch_over_the_old_one() {
    let backend = Arc::new(Switched::default());
    let (registry, _upstream) = registered(&backend);
    let other = Arc::new(Switched::default());
    registry.add(ClientName::parse("SHOP").unwrap(), other, ClientInfo::default());
    assert_eq!(registry.list().len(), 1);
    sleep(Duration::from_millis(1)).await;
    let before = backend.introspections.load(Ordering::SeqCst);
    sleep(Duration::from_secs(600)).await;
    assert_eq!(backend.introspections.load(Ordering::SeqCst), before);
}

#[tokio::test(start_paused = true)]
async fn of_very_many_dead_databases_few_are_tried_at_once_and_the_one_that_is_asked_for_at_once() {
    let backend = Arc::new(Switched::default());
    backend.silent.store(true, Ordering::SeqCst);
    let registry = Registry::default();
    let add = |number: usize| {
        let name = ClientName::parse(&format!("client-{number}")).unwrap();
        registry.add(name, Arc::clone(&backend) as _, ClientInfo::default())
    };
    let upstreams: Vec<_> = (0..1_000).map(add).collect();
    sleep(Duration::from_secs(1)).await;
    let tried = || backend.introspections.load(Ordering::SeqCst);
    assert_eq!(tried(), 16);
    assert!(upstreams[999].schema().await.is_err());
    assert_eq!(tried(), 17);
}

#[test]
fn a_sleeper_is_known_and_listed_and_leads_nowhere_yet() {
    let registry = Registry::default();
    let name = ClientName::parse("shop").unwrap();
    registry.put_to_sleep(&name);
    assert!(registry.knows(&name) && registry.is_asleep(&name));
    assert!(matches!(registry.get(&name), Err(GatewayError::Unavailable { .. })));
    assert_eq!((registry.list().len(), registry.upstreams().len()), (1, 0));
    assert_eq!(registry.count(), Count { registered: 1, connected: 0, asleep: 1 });
}
