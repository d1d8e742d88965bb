//! What administrators change while requests run: kept in memory, and true within a moment.

use crate::{Gateway, Inner, public::Routes, tuning::Overrides};
use api_types::ClientName;
use arc_swap::ArcSwapOption;
use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};
use store::{ConfigRecord, StoreError, Topic};
use tokio::{sync::watch, time::timeout};

/// In case a change was not heard.
const POLL: Duration = Duration::from_secs(30);
/// The longest one reading takes.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to leave a store alone that did not answer.
const AGAIN: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(crate) struct Live {
    /// Nothing until they were read once; from then on the last that could be read.
    routes: ArcSwapOption<Routes>,
    end: watch::Sender<bool>,
}

impl Live {
    pub(crate) fn routes(&self) -> Option<Arc<Routes>> {
        self.routes.load_full()
    }

    pub(crate) fn end(&self) {
        self.end.send_replace(true);
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.end();
    }
}

impl Gateway {
    /// Follow what the store says, for as long as there is this gateway.
    pub(crate) fn follow(&self) {
        let Some(desk) = self.access().known_desk() else { return };
        for topic in [Topic::ClientConfigs, Topic::PublicRoutes] {
            let changes = desk.feed.watch(topic);
            let end = self.live().end.subscribe();
            tokio::spawn(follow(Arc::downgrade(&self.inner), topic, changes, end));
        }
    }

    pub(crate) async fn reload_routes(&self) -> Result<(), StoreError> {
        let Some(desk) = self.access().known_desk() else { return Ok(()) };
        let read = timeout(PATIENCE, desk.store.public_routes()).await;
        let records = read.map_err(|_elapsed| StoreError::Slow)??;
        let routes = Routes::of(records, &self.settings().parse);
        self.live().routes.store(Some(Arc::new(routes)));
        Ok(())
    }

    pub(crate) async fn reload_overrides(&self) -> Result<(), StoreError> {
        let Some(desk) = self.access().known_desk() else { return Ok(()) };
        let read = timeout(PATIENCE, desk.store.client_configs()).await;
        let records = read.map_err(|_elapsed| StoreError::Slow)??;
        let known: BTreeMap<_, _> = records.into_iter().filter_map(understood).collect();
        self.registry().tune(known);
        // Another pool is another backend, which takes the place of the one that is there. Whoever
        // heard of it before may still be at it, and is waited for.
        match self.inner.clients.get() {
            Some(clients) => clients.resync().await,
            None => Ok(()),
        }
    }

    async fn reload(&self, topic: Topic) -> Result<(), StoreError> {
        match topic {
            Topic::PublicRoutes => self.reload_routes().await,
            _ => self.reload_overrides().await,
        }
    }
}

/// A document that a newer node wrote may say what is not known here; it is left out and told of.
fn understood(record: ConfigRecord) -> Option<(ClientName, Overrides)> {
    let name = ClientName::parse(&record.client_name).ok()?;
    match Overrides::parse(&record.config) {
        Ok(overrides) => Some((name, overrides)),
        Err(error) => {
            tracing::error!(client = %name, %error, "the configuration of a client is not understood");
            None
        }
    }
}

async fn follow(
    gateway: Weak<Inner>,
    topic: Topic,
    mut changes: watch::Receiver<u64>,
    mut end: watch::Receiver<bool>,
) {
    loop {
        let Some(inner) = gateway.upgrade() else { return };
        let read = Gateway { inner }.reload(topic).await;
        let pause = if read.is_ok() { POLL } else { AGAIN };
        if let Err(error) = read {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                topic = topic.word(),
                "changes of the store cannot be read"
            );
        }
        tokio::select! {
            // Nobody is left to tell; polling goes on.
            changed = changes.changed() => if changed.is_err() { tokio::time::sleep(pause).await },
            () = tokio::time::sleep(pause) => {}
            () = ended(&mut end) => return,
        }
    }
}

/// Told so, or nobody is left to tell.
async fn ended(end: &mut watch::Receiver<bool>) {
    let _ = end.wait_for(|ended| *ended).await;
}
