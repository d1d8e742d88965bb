//! A host's first label as a route's key or a client's name.

use super::check_key;
use crate::Gateway;
use api_types::ClientName;

/// What a label led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostOutcome {
    Resolved {
        client: ClientName,
        route: Option<String>,
    },
    RouteNotFound,
    RouteInactive,
    /// The routes were not read yet.
    LookupFailed,
}

impl HostOutcome {
    /// The word it is written down with.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Resolved { .. } => "resolved",
            Self::RouteNotFound => "route_not_found",
            Self::RouteInactive => "route_inactive",
            Self::LookupFailed => "lookup_failed",
        }
    }
}

impl Gateway {
    /// The client that a label stands for: its route's, else the one of its name.
    pub fn client_of_label(&self, label: &str) -> HostOutcome {
        let routes = self.live().routes();
        let route = routes.as_ref().and_then(|routes| routes.get(&check_key(label).ok()?));
        if let Some(route) = route {
            return if route.is_active {
                let (client, route) = (route.client.clone(), Some(label.to_owned()));
                HostOutcome::Resolved { client, route }
            } else {
                HostOutcome::RouteInactive
            };
        }
        match ClientName::parse(label) {
            Ok(client) if self.registry().knows(&client) && !self.registry().is_ad_hoc(&client) => {
                HostOutcome::Resolved { client, route: None }
            }
            _ if routes.is_none() && self.access().known_desk().is_some() => {
                HostOutcome::LookupFailed
            }
            _ => HostOutcome::RouteNotFound,
        }
    }
}
