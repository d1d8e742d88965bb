//! What happens to clients, for whoever listens.

use super::{Clients, ClientsError};
use api_types::ClientName;
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::broadcast;

/// One thing that happened on this node, or was heard of here.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// `client.updated`, `client.status_changed`.
    pub kind: &'static str,
    pub client: ClientName,
    /// RFC 3339.
    pub at: String,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub data: Value,
}

/// How far a slow listener may be behind.
const BEHIND: usize = 256;

/// How many may listen at once.
const LISTENERS: usize = 64;

#[derive(Clone)]
pub(super) struct Events(broadcast::Sender<Arc<Event>>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::Sender::new(BEHIND))
    }
}

impl Events {
    pub(super) fn tell(&self, kind: &'static str, client: &ClientName, data: Value) {
        let at = jiff::Timestamp::now().to_string();
        // Nobody need listen.
        let _heard = self.0.send(Arc::new(Event { kind, client: client.clone(), at, data }));
    }
}

impl Clients {
    /// Everything that happens from now on. Whoever is too slow misses the oldest.
    pub fn listen(&self) -> Result<broadcast::Receiver<Arc<Event>>, ClientsError> {
        let events = &self.book().events.0;
        if events.receiver_count() >= LISTENERS {
            return Err(ClientsError::TooManyListeners);
        }
        Ok(events.subscribe())
    }

    /// Tell listeners of something that another part of the gateway saw.
    pub fn tell(&self, kind: &'static str, client: &ClientName, data: Value) {
        self.book().events.tell(kind, client, data);
    }
}
