//! What happens to clients: for whoever listens, and for those who listen again later.

use super::{Clients, ClientsError};
use crate::Operator;
use api_types::ClientName;
use datasources::ClientRecord;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use store::{EventLog, EventRow, KeptEvent};
use tokio::sync::broadcast;
use uuid::Uuid;

/// One thing that happened on this node, or was heard of here.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// The same on every node for what all of them hear of.
    #[serde(skip)]
    pub id: Uuid,
    /// `client.updated`, `client.status_changed`.
    pub kind: &'static str,
    pub client: ClientName,
    /// RFC 3339.
    pub at: String,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub data: Value,
}

/// What somebody missed who listened until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// Oldest first.
    pub events: Vec<KeptEvent>,
    /// There was more, or nobody knows any more what they saw last.
    pub is_incomplete: bool,
}

/// How far a slow listener may be behind.
const BEHIND: usize = 256;

/// How many may listen at once.
const LISTENERS: usize = 64;

/// The most that is told of what was missed.
const TOLD: u32 = 1_000;

/// A client that is older was made before this node heard of it.
const NEW: Duration = Duration::from_secs(60 * 60);

#[derive(Clone)]
pub(super) struct Events {
    heard: broadcast::Sender<Arc<Event>>,
    log: EventLog,
    node: Uuid,
}

impl Events {
    pub(super) fn new(log: EventLog) -> Self {
        Self { heard: broadcast::Sender::new(BEHIND), log, node: Uuid::new_v4() }
    }

    pub(super) fn tell(&self, kind: &'static str, client: &ClientName, data: Value) {
        self.say(Uuid::new_v4(), kind, client, data, true);
    }

    /// What every node finds in the record by itself is one event for all of them.
    pub(super) fn tell_of(&self, kind: &'static str, record: &ClientRecord, data: Value) {
        let is_creation = kind == "client.created";
        let of = if is_creation { record.created_at.clone() } else { record.version.to_string() };
        let known = Sha256::digest(format!("{kind}\n{}\n{of}", record.name));
        let mut id = [0; 16];
        id.copy_from_slice(&known[..16]);
        // A node that starts hears of every client, and they were not made just now.
        let is_kept = !is_creation || is_recent(&record.created_at);
        self.say(Uuid::from_bytes(id), kind, &record.name, data, is_kept);
    }

    fn say(&self, id: Uuid, kind: &'static str, client: &ClientName, data: Value, is_kept: bool) {
        let now = SystemTime::now();
        if is_kept {
            self.log.record(EventRow {
                id,
                kind,
                client: client.to_string(),
                node: self.node,
                data: data.clone(),
                at: now,
            });
        }
        let at = jiff::Timestamp::try_from(now).unwrap_or_default().to_string();
        // Nobody need listen.
        let _heard =
            self.heard.send(Arc::new(Event { id, kind, client: client.clone(), at, data }));
    }

    pub(super) fn dropped(&self) -> u64 {
        self.log.dropped()
    }

    pub(super) async fn close(&self) {
        self.log.close().await;
    }
}

fn is_recent(created_at: &str) -> bool {
    let Ok(created) = created_at.parse::<jiff::Timestamp>() else { return false };
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let age = since.as_secs().saturating_sub(created.as_second().try_into().unwrap_or(0));
    age < NEW.as_secs()
}

impl Clients {
    /// Everything that happens from now on. Whoever is too slow misses the oldest.
    pub fn listen(&self) -> Result<broadcast::Receiver<Arc<Event>>, ClientsError> {
        let heard = &self.book().events.heard;
        if heard.receiver_count() >= LISTENERS {
            return Err(ClientsError::TooManyListeners);
        }
        Ok(heard.subscribe())
    }

    /// What happened after the event somebody saw last, as far as they may see it.
    pub async fn missed(&self, operator: &Operator, last: &str) -> Result<Missed, ClientsError> {
        let unknown = Missed { events: Vec::new(), is_incomplete: true };
        let Ok(last) = Uuid::parse_str(last) else { return Ok(unknown) };
        let book = self.book();
        // What was told a moment ago may still wait to be written.
        book.events.log.flush().await;
        if !book.desk.store.knows_event(last).await? {
            return Ok(unknown);
        }
        let only = operator.bound_to().map(ToString::to_string);
        let events = book.desk.store.events_since(last, only.as_deref(), TOLD).await?;
        let is_incomplete = events.len() >= TOLD as usize;
        Ok(Missed { events, is_incomplete })
    }

    /// Tell listeners of something that another part of the gateway saw.
    pub fn tell(&self, kind: &'static str, client: &ClientName, data: Value) {
        self.book().events.tell(kind, client, data);
    }

    /// Events that were not written down.
    pub(crate) fn events_dropped(&self) -> u64 {
        self.book().events.dropped()
    }
}
