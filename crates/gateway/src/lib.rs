//! The engine: which clients there are, who may ask, and a request's journey from body to body.

mod access;
pub mod admin;
mod error;
mod health;
mod ids;
pub mod observe;
mod pipeline;
pub mod registry;
pub mod schema;
mod timings;

pub use access::{Access, Administrator, Doorkeeper, Keyring, Visitor};
pub use error::{Failure, GatewayError};
pub use health::Health;
pub use ids::{RequestId, Trace, TraceId};
pub use pipeline::{Answer, RawRequest};
pub use registry::{ClientInfo, Registry, Upstream};
pub use timings::{Stage, Timings};

use observe::{Counters, LogSink, Observation, Observers, Sink, Totals};
use query::{plan::PlanLimits, request::ParseOptions};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// What holds for every request, whichever client it is for.
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    pub parse: ParseOptions,
    pub limits: PlanLimits,
    /// The longest a statement may run, waiting for a connection included.
    pub statement_timeout: Duration,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            parse: ParseOptions::default(),
            limits: PlanLimits { max_rows: 10_000 },
            statement_timeout: Duration::from_secs(30),
        }
    }
}

/// The engine. Cheap to clone; every clone is the same gateway.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    registry: Registry,
    access: Access,
    settings: GatewaySettings,
    counters: Arc<Counters>,
    observers: Observers,
    started: Instant,
}

impl Gateway {
    /// A gateway without clients; add them to its registry at any time.
    pub fn new(settings: GatewaySettings, access: Access) -> Self {
        let counters = Arc::new(Counters::default());
        let mut sinks: Vec<Arc<dyn Sink>> = vec![Arc::clone(&counters) as _, Arc::new(LogSink)];
        sinks.extend(access.operation_sink());
        let inner = Inner {
            registry: Registry::default(),
            access,
            settings,
            counters,
            observers: Observers::new(sinks),
            started: Instant::now(),
        };
        Self { inner: Arc::new(inner) }
    }

    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    pub fn settings(&self) -> &GatewaySettings {
        &self.inner.settings
    }

    /// Stop watching the clients and close every connection to them.
    pub async fn close(&self) {
        self.registry().close().await;
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

    pub(crate) fn uptime(&self) -> Duration {
        self.inner.started.elapsed()
    }
}
