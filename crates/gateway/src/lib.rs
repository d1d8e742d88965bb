//! The engine: which clients there are, who may ask, and a request's journey from body to body.

mod access;
pub mod admin;
mod admission;
mod answers;
mod api_registry;
pub mod cluster;
mod deferred;
mod error;
pub mod federation;
mod health;
mod ids;
mod live;
mod measured;
pub mod observe;
mod once;
mod pipeline;
mod public;
pub mod registry;
mod resilience;
mod rest;
pub mod schema;
mod spelling;
mod timings;
pub mod tuning;

pub use access::{
    Access, Administrator, AuthTrail, Desk, Doorkeeper, Kept, Keyring, NoDesk, Operator, Visitor,
};
pub use admin::management::Manager;
pub use admission::{
    Admission, AdmissionError, Arrival, Limits, LimitsInput, Overflow, Recognised, Weighed,
};
pub use api_registry::ApiRegistryError;
pub use backend::{Isolation, TransactionOptions};
pub use cache::{CacheError, CacheSettings, Directive};
pub use deferred::{
    Deferral, Deferred, DeferredError, DeferredEvents, DeferredPage, DeferredSettings,
    DeferredWorker, EventKind, Filed, Kind as DeferredKind, QueueSeen, Reason, Repeat, Work,
};
pub use error::{Failure, GatewayError};
pub use health::{CacheHealth, ClientPools, Health};
pub use ids::{RequestId, Trace, TraceId};
pub use measured::Measurement;
pub use once::{Claimed, Once, OnceError, Turn};
pub use pipeline::{
    Answer, CountOf, InsertWindowEvents, InsertWindowSettings, OperationError, RawRequest, RawSql,
    RowsBroke, SqlDoor, Streamed, Transaction,
};
pub use public::{HostOutcome, PublicOp, PublicVisit, RouteError};
pub use query::request::{Profile, ResponseCase};
pub use registry::{ClientInfo, Registry, Upstream};
pub use resilience::ResilienceSettings;
pub use rest::{
    JwtSettings, OpenApiMode, RestAddress, RestAnswer, RestOptions, RestRefusal, RestRequest,
    RestSettings, RestSetupError, RestTarget, RestVisitor, TxEnd,
};
pub use store::{
    AdmissionEventFilter, AdmissionEventRow, ApiEntry, AuthLog, AuthRow, DeferredResult,
    DeferredRow, DeferredStatus, KeptAnswer,
};
pub use timings::{Stage, Timings};

use admin::management::{ManagementSettings, Structure};
use answers::Answers;
use cache::ResponseCache;
use measured::{Measured, OperationMeter};
use observe::{Counters, LogSink, Observation, Observers, Sink, Totals};
use pipeline::{KnownRequests, Patterns, Together};
use query::{plan::PlanLimits, request::ParseOptions};
use std::{
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// What holds for every request, whichever client it is for.
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    pub parse: ParseOptions,
    pub limits: PlanLimits,
    /// The longest a statement may run, waiting for a connection included.
    pub statement_timeout: Duration,
    pub resilience: ResilienceSettings,
    /// A streamed answer never has more rows.
    pub max_stream_rows: u64,
    /// The only schemas whose functions can be called.
    pub call_schemas: Vec<String>,
    pub management: ManagementSettings,
    pub insert_window: InsertWindowSettings,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            parse: ParseOptions::default(),
            limits: PlanLimits { max_rows: 10_000 },
            statement_timeout: Duration::from_secs(30),
            resilience: ResilienceSettings::default(),
            max_stream_rows: 1_000_000,
            call_schemas: vec!["public".to_owned()],
            management: ManagementSettings::default(),
            insert_window: InsertWindowSettings::default(),
        }
    }
}

/// The engine. Cheap to clone; every clone is the same gateway.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    registry: Arc<Registry>,
    access: Access,
    settings: GatewaySettings,
    answers: Answers,
    known: KnownRequests,
    patterns: Patterns,
    together: Together,
    counters: Arc<Counters>,
    observers: Observers,
    cluster: cluster::ClusterWatch,
    api_registry: api_registry::ApiRegistry,
    clients: OnceLock<admin::clients::Clients>,
    structure: Structure,
    started: Instant,
    live: live::Live,
    timers: federation::Timers,
    is_degraded: AtomicBool,
    measured: Arc<Measured>,
}

impl Gateway {
    /// A gateway without clients; add them to its registry at any time. It keeps no answers.
    pub fn new(settings: GatewaySettings, access: Access) -> Self {
        Self::assemble(settings, access, Answers::default())
    }

    /// A gateway that keeps answers. Must be called within a tokio runtime.
    pub fn caching(
        settings: GatewaySettings,
        access: Access,
        cache: &CacheSettings,
    ) -> Result<Self, CacheError> {
        let answers = Answers::kept_in(ResponseCache::new(cache)?);
        Ok(Self::assemble(settings, access, answers))
    }

    fn assemble(settings: GatewaySettings, access: Access, answers: Answers) -> Self {
        let counters = Arc::new(Counters::default());
        let registry = Arc::new(Registry::new(settings.resilience.clone()));
        let measured = Arc::new(Measured::new(Arc::clone(&registry)));
        let meter = Arc::new(OperationMeter(Arc::clone(&measured)));
        let mut sinks: Vec<Arc<dyn Sink>> =
            vec![Arc::clone(&counters) as _, Arc::new(LogSink), meter];
        sinks.extend(access.operation_sink());
        let inner = Inner {
            registry,
            clients: OnceLock::new(),
            access,
            together: Together::new(settings.insert_window.clone()),
            settings,
            answers,
            known: pipeline::known_requests(),
            patterns: Patterns::new(),
            counters,
            observers: Observers::new(sinks),
            cluster: cluster::ClusterWatch::default(),
            api_registry: api_registry::ApiRegistry::default(),
            structure: Structure::default(),
            started: Instant::now(),
            live: live::Live::default(),
            timers: federation::Timers::default(),
            is_degraded: AtomicBool::new(false),
            measured,
        };
        let gateway = Self { inner: Arc::new(inner) };
        gateway.follow();
        gateway.follow_structure();
        gateway
    }

    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    pub(crate) fn shared_registry(&self) -> &Arc<Registry> {
        &self.inner.registry
    }

    pub(crate) fn clients_cell(&self) -> &OnceLock<admin::clients::Clients> {
        &self.inner.clients
    }

    pub fn settings(&self) -> &GatewaySettings {
        &self.inner.settings
    }

    /// Stop watching the clients and close every connection to them.
    pub async fn close(&self) {
        self.live().end();
        self.inner.timers.close();
        if let Some(clients) = self.inner.clients.get() {
            clients.close().await;
        }
        self.registry().close().await;
    }

    /// Whether such a client is registered, in whatever state it is.
    pub fn has_client(&self, name: &api_types::ClientName) -> bool {
        self.registry().knows(name)
    }

    /// Where requests are written down, if they are.
    pub fn request_log(&self) -> Option<&store::RequestLog> {
        self.access().request_log()
    }

    pub(crate) fn live(&self) -> &live::Live {
        &self.inner.live
    }

    pub(crate) fn answers(&self) -> &Answers {
        &self.inner.answers
    }

    pub(crate) fn patterns(&self) -> &Patterns {
        &self.inner.patterns
    }

    pub(crate) fn known(&self) -> &KnownRequests {
        &self.inner.known
    }

    pub(crate) fn together(&self) -> &Together {
        &self.inner.together
    }

    /// What became of inserts that waited for others.
    pub fn insert_window_events(&self) -> InsertWindowEvents {
        self.together().events()
    }

    pub(crate) fn cluster_watch(&self) -> &cluster::ClusterWatch {
        &self.inner.cluster
    }

    pub(crate) fn api_registry(&self) -> &api_registry::ApiRegistry {
        &self.inner.api_registry
    }

    pub(crate) fn structure(&self) -> &Structure {
        &self.inner.structure
    }

    pub(crate) fn access(&self) -> &Access {
        &self.inner.access
    }

    pub(crate) fn observe(&self, observation: &Observation<'_>) {
        self.inner.observers.observe(observation);
    }

    pub(crate) fn totals(&self) -> Totals {
        self.inner.counters.totals()
    }

    pub(crate) fn measured(&self) -> &Measured {
        &self.inner.measured
    }

    pub(crate) fn timers(&self) -> &federation::Timers {
        &self.inner.timers
    }

    /// The same gateway, without keeping it.
    pub(crate) fn weak(&self) -> WeakGateway {
        WeakGateway(Arc::downgrade(&self.inner))
    }

    /// It was started although databases are not what was imported of them.
    pub(crate) fn degrade(&self) {
        self.inner.is_degraded.store(true, Ordering::Relaxed);
    }

    pub fn is_degraded(&self) -> bool {
        self.inner.is_degraded.load(Ordering::Relaxed)
    }

    pub(crate) fn uptime(&self) -> Duration {
        self.inner.started.elapsed()
    }
}

/// A gateway that is kept by others.
pub(crate) struct WeakGateway(Weak<Inner>);

impl WeakGateway {
    pub(crate) fn upgrade(&self) -> Option<Gateway> {
        self.0.upgrade().map(|inner| Gateway { inner })
    }
}
