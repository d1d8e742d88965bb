//! Clients that are known and not connected, because nobody asked for them yet: very many of them
//! cost no connection and hardly any memory.

use super::{Registry, Slot};
use crate::{Gateway, Upstream, error::GatewayError};
use api_types::ClientName;
use std::sync::Arc;

impl Registry {
    /// From now on the name is known, and whoever asks for it first wakes it.
    pub(crate) fn put_to_sleep(&self, name: &ClientName) {
        self.names.put(name, Some(&Slot::Asleep));
    }

    pub(crate) fn is_asleep(&self, name: &ClientName) -> bool {
        self.names.with(name, |slot| matches!(slot, Some(Slot::Asleep)))
    }
}

/// Of a sleeper that nobody woke: whoever may ask for it wakes it first.
pub(super) fn asleep(name: &ClientName) -> GatewayError {
    let (name, reason) = (name.to_string(), "still connecting".to_owned());
    GatewayError::Unavailable { name, reason }
}

impl Gateway {
    /// Wake a client that nobody asked for before. For callers who were let in: it costs connections.
    pub(crate) async fn wake(&self, name: &ClientName) {
        if self.registry().is_asleep(name)
            && let Some(clients) = self.clients_cell().get()
        {
            clients.wake(name).await;
        }
    }

    /// A client as it is now, woken if nobody asked for it before.
    pub async fn upstream(&self, name: &ClientName) -> Result<Arc<Upstream>, GatewayError> {
        self.wake(name).await;
        self.registry().get(name)
    }
}
