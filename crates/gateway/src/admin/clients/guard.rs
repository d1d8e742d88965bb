//! The policy's word before each connection of a client, and what it said last.

use super::Book;
use crate::registry::{ConnectPolicy, NoWay};
use api_types::ClientName;
use async_trait::async_trait;
use backend::AddressGuard;
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Clients whose name led last where it must not. Only known clients are in it.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<HashMap<ClientName, NoWay>>);

impl Refusals {
    fn lock(&self) -> MutexGuard<'_, HashMap<ClientName, NoWay>> {
        // Nothing under this lock can panic halfway through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn of(&self, client: &ClientName) -> Option<NoWay> {
        self.lock().get(client).cloned()
    }

    pub(super) fn forget(&self, client: &ClientName) {
        self.lock().remove(client);
    }
}

struct Guard {
    policy: Arc<dyn ConnectPolicy>,
    client: ClientName,
    refusals: Arc<Refusals>,
}

#[async_trait]
impl AddressGuard for Guard {
    async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
        match self.policy.resolve(host, port).await {
            Ok(found) => {
                self.refusals.forget(&self.client);
                Ok(found)
            }
            Err(why) => {
                tracing::warn!(client = %self.client, %why, "a connection was not made");
                let told = why.to_string();
                self.refusals.lock().insert(self.client.clone(), why);
                Err(told)
            }
        }
    }
}

impl Book {
    /// What is refused is noted there.
    pub(super) fn guard(
        &self,
        client: &ClientName,
        refusals: &Arc<Refusals>,
    ) -> Arc<dyn AddressGuard> {
        let (policy, refusals) = (Arc::clone(&self.policy), Arc::clone(refusals));
        Arc::new(Guard { policy, client: client.clone(), refusals })
    }
}
