//! What every handler can reach.

use crate::hosts::HostPattern;
use crate::proxies::Proxies;
use crate::routes::ROUTES;
use axum::extract::FromRef;
use gateway::Gateway;
use http::HeaderValue;
use metrics::{Http, HttpRoute};
use std::{sync::Arc, time::Duration};

/// Which web pages may call this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cors {
    Closed,
    Any,
    Origins(Vec<HeaderValue>),
}

/// The limits of this surface.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// The largest body that is read, in bytes.
    pub body_limit: usize,
    /// The longest any request may take, body included.
    pub request_timeout: Duration,
    pub cors: Cors,
    /// Whether inserts and deletes must say for whom they are.
    pub require_audit_headers: bool,
    /// Who is believed about where requests come from.
    pub trusted_proxies: Proxies,
    /// Hosts whose first label says which client is meant.
    pub wildcard_hosts: Vec<HostPattern>,
    /// Whether requests are counted and `/metrics` shows it.
    pub metrics: bool,
    /// The program's version, for `/` and `/health`.
    pub version: &'static str,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            body_limit: 2 * 1024 * 1024,
            request_timeout: Duration::from_secs(60),
            cors: Cors::Any,
            require_audit_headers: false,
            trusted_proxies: Proxies::default(),
            wildcard_hosts: Vec::new(),
            metrics: true,
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// A gateway and how it is shown to the world. Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    gateway: Gateway,
    settings: Arc<ApiSettings>,
    http: Option<Arc<Http>>,
}

impl ApiState {
    pub fn new(gateway: Gateway, settings: ApiSettings) -> Self {
        let routes = ROUTES
            .iter()
            .map(|route| HttpRoute { method: route.method.as_str(), path: route.path });
        let http = settings.metrics.then(|| Arc::new(Http::new(routes)));
        Self { gateway, settings: Arc::new(settings), http }
    }

    pub(crate) fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// Where requests are counted, if they are.
    pub(crate) fn http(&self) -> Option<&Arc<Http>> {
        self.http.as_ref()
    }

    pub(crate) fn settings(&self) -> &ApiSettings {
        &self.settings
    }
}

impl FromRef<ApiState> for Gateway {
    fn from_ref(state: &ApiState) -> Self {
        state.gateway.clone()
    }
}
