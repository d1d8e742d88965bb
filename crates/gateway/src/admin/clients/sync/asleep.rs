//! Clients that nobody asked for yet, and how they wake.

use super::{Book, Held, marks::Seen, warn};
use crate::{admin::clients::Clients, rest::RestSettings};
use api_types::ClientName;
use serde_json::json;

impl Book {
    /// So many clients are connected before anybody asks for them.
    pub(super) const AWAKE: usize = 64;

    /// Know the name, and do nothing more.
    pub(super) fn lay(&self, name: &ClientName, held: &mut Held, seen: &Seen) {
        let is_new = !std::mem::replace(&mut held.is_asleep, true);
        if held.marks == seen.marks && !is_new {
            return;
        }
        (held.version, held.marks) = (seen.version, seen.marks);
        self.registry.put_to_sleep(name);
        let kind = if is_new { "client.created" } else { "client.updated" };
        self.events.tell(kind, name, json!({ "version": seen.version, "origin": "runtime" }));
    }

    async fn wake(&self, name: &ClientName) {
        let slot = self.slot(name);
        let mut held = slot.lock().await;
        // Somebody was here before.
        if !held.is_asleep {
            return;
        }
        match self.desk.store.clients_named(std::slice::from_ref(name)).await {
            Ok(rows) => {
                if let Some(effective) = self.effective(rows).remove(name) {
                    self.settle_held(&mut held, &effective.record, None).await;
                }
            }
            Err(error) => warn(&error, "the record of a client cannot be read"),
        }
    }
}

impl Clients {
    /// Connect a client that nobody asked for before.
    pub(crate) async fn wake(&self, name: &ClientName) {
        self.book.wake(name).await;
    }

    /// How those answer on the PostgREST surface that nobody asked for yet.
    pub(crate) fn rest_of_sleepers(&self) -> &RestSettings {
        &self.book.rest
    }
}
