//! How the gateway is doing, without asking anybody anything.

use crate::{Gateway, observe::Totals};
use api_types::console::{ClientSummary, Readiness};
use std::time::Duration;

/// A look at the whole gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    pub uptime: Duration,
    pub registered: usize,
    pub connected: usize,
    pub has_store: bool,
    pub totals: Totals,
}

impl Gateway {
    pub fn health(&self) -> Health {
        let clients = self.registry().list();
        Health {
            uptime: self.uptime(),
            registered: clients.len(),
            connected: connected(&clients),
            has_store: self.access().has_store(),
            totals: self.totals(),
        }
    }

    /// Whether a request could succeed now: some client answers, or there is none to wait for.
    pub fn is_ready(&self) -> bool {
        let clients = self.registry().list();
        clients.is_empty() || connected(&clients) > 0
    }
}

fn connected(clients: &[ClientSummary]) -> usize {
    clients.iter().filter(|client| client.readiness == Readiness::Ready).count()
}
