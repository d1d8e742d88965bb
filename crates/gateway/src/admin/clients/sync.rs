//! What the records say, this node does: at the start, with every change, and now and then.

mod asleep;
mod marks;
#[cfg(test)]
mod tests;

use super::{
    Book, Effective,
    open::{From, connection_key},
};
use crate::{
    registry::{Closed, ClosedKind, State},
    tuning::PoolTuning,
};
use api_types::ClientName;
use datasources::{ClientRecord, Origin};
use futures_util::{StreamExt, stream};
use marks::{Marks, Seen};
use serde_json::json;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, PoisonError, Weak, atomic::Ordering},
    time::Duration,
};
use store::{StoreError, Topic};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};

/// How often the records are read when nobody told of a change.
const POLL: Duration = Duration::from_secs(15);
/// How often statuses are compared with those that were told.
const GLANCE: Duration = Duration::from_secs(1);
/// The longest the start waits for the clients of the run time to be known.
const FIRST: Duration = Duration::from_secs(10);
/// The longest one client's preparation may take.
const OPENING: Duration = Duration::from_secs(10);
/// How long a new connection may take to show itself before it takes an old one's place.
const PREPARING: Duration = Duration::from_secs(5);
/// Clients that are prepared at once.
const AT_ONCE: usize = 8;
/// Records that are read together.
const TOGETHER: usize = 500;

/// What was done about a client last.
#[derive(Default)]
pub(super) struct Held {
    version: i32,
    /// The rows this was done for.
    marks: Marks,
    pool: PoolTuning,
    /// What was wanted; nothing is done while it stays the same.
    wish: Option<String>,
    since: Option<Instant>,
    /// It failed in a way that may pass.
    again: bool,
    /// Nobody asked for it, so nothing was done but to know its name.
    is_asleep: bool,
}

/// Write down the configuration's clients, do what the records say, and go on doing it.
pub(super) async fn begin(book: &Arc<Book>) {
    let configured: Vec<ClientRecord> =
        book.configured.values().map(|client| client.record.clone()).collect();
    if let Err(error) = book.desk.store.sync_configured(&configured).await {
        warn(&error, "the clients of the configuration were not written down");
    }
    let (ready, mut is_ready) = watch::channel(false);
    let changes = book.desk.feed.watch(Topic::Clients);
    let following =
        tokio::spawn(follow(Arc::downgrade(book), changes, book.end.subscribe(), ready));
    *book.following.lock().await = Some(following);
    let _in_time = tokio::time::timeout(FIRST, is_ready.wait_for(|ready| *ready)).await;
}

async fn follow(
    book: Weak<Book>,
    mut changes: watch::Receiver<u64>,
    mut end: watch::Receiver<bool>,
    ready: watch::Sender<bool>,
) {
    let mut poll = interval(POLL);
    let mut glance = interval(GLANCE);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    glance.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = HashMap::new();
    let mut is_deaf = false;
    loop {
        let must_read = tokio::select! {
            () = ended(&mut end) => return,
            heard = changes.changed(), if !is_deaf => {
                // The feed is closed; the poll goes on.
                is_deaf = heard.is_err();
                true
            }
            _ = poll.tick() => true,
            _ = glance.tick() => false,
        };
        let Some(book) = book.upgrade() else { return };
        if must_read {
            let work = book.sync(None);
            tokio::select! {
                done = work => if let Err(error) = done {
                    warn(&error, "the records of clients cannot be read");
                    book.add_configured();
                },
                () = ended(&mut end) => return,
            }
            ready.send_replace(true);
        }
        book.tell_statuses(&mut told);
    }
}

async fn ended(end: &mut watch::Receiver<bool>) {
    // A sender that is gone has ended, too.
    let _ended = end.wait_for(|ended| *ended).await;
}

fn warn(error: &StoreError, what: &str) {
    tracing::warn!(cause = crate::error::chain(error), "{what}");
}

impl Book {
    /// Do what the records say, for one client or for all. Of all, only those are read and looked at
    /// that are not as they were.
    pub(super) async fn sync(&self, only: Option<&ClientName>) -> Result<(), StoreError> {
        if let Some(name) = only {
            return self.settle_named(vec![(name.clone(), None)]).await.map(drop);
        }
        let began = Instant::now();
        let seen = self.marks().await?;
        let mut changed = 0;
        for some in self.changed(&seen).chunks(TOGETHER) {
            changed += self.settle_named(some.to_vec()).await?;
        }
        self.forget_missing(&seen, began).await;
        if changed > 0 {
            let (open, total) = (self.registry.upstreams().len(), seen.len());
            tracing::info!(changed, open, total, "clients follow their records");
        }
        Ok(())
    }

    /// Read these records and do what they say; how many it had to be done for comes back.
    async fn settle_named(
        &self,
        names: Vec<(ClientName, Option<Marks>)>,
    ) -> Result<usize, StoreError> {
        let only: Vec<ClientName> = names.iter().map(|(name, _)| name.clone()).collect();
        let rows = self.desk.store.clients_named(&only).await?;
        Ok(self.settle_read(names, rows).await)
    }

    /// The same for rows that were read already.
    async fn settle_read(
        &self,
        names: Vec<(ClientName, Option<Marks>)>,
        rows: Vec<ClientRecord>,
    ) -> usize {
        let (only, marks): (Vec<ClientName>, Vec<Option<Marks>>) = names.into_iter().unzip();
        let mut records = self.effective(rows);
        let wanted: Vec<(ClientRecord, Option<Marks>)> = only
            .iter()
            .zip(marks)
            .filter_map(|(name, marks)| Some((records.remove(name)?.record, marks)))
            .collect();
        let settled = stream::iter(wanted)
            .map(|(record, marks)| async move { self.settle(&record, marks).await })
            .buffer_unordered(AT_ONCE)
            .filter(|changed| std::future::ready(*changed));
        settled.count().await
    }

    /// The record that counts under each name. The configuration wins.
    pub(super) fn effective(&self, rows: Vec<ClientRecord>) -> BTreeMap<ClientName, Effective> {
        let (mut config, mut runtime) = (HashMap::new(), BTreeMap::new());
        for row in rows {
            match row.origin {
                Origin::Config => drop(config.insert(row.name.clone(), row)),
                Origin::Runtime => drop(runtime.insert(row.name.clone(), row)),
            }
        }
        let mut all = BTreeMap::new();
        for (name, client) in &self.configured {
            let hides = runtime.remove(name).is_some_and(|row| !row.deleted);
            all.insert(name.clone(), client.effective(config.remove(name), hides));
        }
        let rest = runtime
            .into_iter()
            .map(|(name, record)| (name, Effective { record, conflicts: false }));
        all.extend(rest);
        all
    }

    /// Make this node do what a record says. True when something had to be done.
    async fn settle(&self, record: &ClientRecord, marks: Option<Marks>) -> bool {
        let slot = self.slot(&record.name);
        let mut held = slot.lock().await;
        self.settle_held(&mut held, record, marks).await
    }

    async fn settle_held(
        &self,
        held: &mut Held,
        record: &ClientRecord,
        marks: Option<Marks>,
    ) -> bool {
        if record.version < held.version {
            // Read before a change that was done about already.
            return false;
        }
        held.version = record.version;
        held.marks = marks.unwrap_or(held.marks);
        held.pool = self.registry.pool_of(&record.name);
        let closed = closed_by(record);
        let wish = match closed {
            Some(kind) => kind.to_string(),
            None => {
                let pool = held.pool;
                format!("{}:{}:{pool:?}", record.origin.as_str(), connection_key(record))
            }
        };
        let is_new = held.wish.is_none() && !held.is_asleep;
        let again = held.again;
        if held.wish.as_ref() == Some(&wish) && !again {
            return false;
        }
        held.since = Some(Instant::now());
        held.again = match closed {
            Some(kind) => {
                self.registry.shut(&record.name, Closed::of(kind));
                false
            }
            None => self.connect(record).await,
        };
        held.wish = Some(wish);
        // To wake is no change that anybody is told of.
        let woke = std::mem::take(&mut held.is_asleep) && closed.is_none();
        if !again && !woke {
            self.tell_change(record, closed, is_new);
        }
        true
    }

    /// Put the record's backend in place. True when it failed in a way that may pass.
    async fn connect(&self, record: &ClientRecord) -> bool {
        let name = &record.name;
        let opened = match self.configured.get(name) {
            Some(client) => {
                let pool = self.registry.pool_of(name);
                Ok((client.connect(&pool), client.info.clone()))
            }
            None => self
                .opened(&self.pooled(record))
                .await
                .map(|backend| (backend, self.info_of(record))),
        };
        match opened {
            Ok((backend, info)) => {
                if let Some(State::Open(_)) = self.registry.state(name) {
                    self.registry.replace(name, backend, info, PREPARING).await;
                } else {
                    self.registry.add(name.clone(), backend, info);
                }
                false
            }
            Err(closed) => {
                let may_pass = closed.kind == ClosedKind::Failed;
                self.unopened.with(
                    name.as_str(),
                    |_| true,
                    |count| {
                        count.fetch_add(1, Ordering::Relaxed);
                    },
                );
                tracing::warn!(client = %name, kind = %closed.kind, reason = closed.reason, "client is not connected");
                self.registry.shut(name, closed);
                may_pass
            }
        }
    }

    /// The record with the pool that the client's own configuration asks for.
    fn pooled(&self, record: &ClientRecord) -> ClientRecord {
        let (mut record, tuned) = (record.clone(), self.registry.pool_of(&record.name));
        let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        if tuned != PoolTuning::default() {
            let pool = record.pool.get_or_insert_default();
            pool.max = tuned.all_connections().or(pool.max);
            pool.idle_timeout_millis = tuned.idle_timeout.map(millis).or(pool.idle_timeout_millis);
            let wait = tuned.acquire_timeout.map(millis);
            pool.connection_timeout_millis = wait.or(pool.connection_timeout_millis);
        }
        record
    }

    async fn opened(&self, record: &ClientRecord) -> Result<Arc<dyn backend::Backend>, Closed> {
        match tokio::time::timeout(OPENING, self.open_record(record, From::Store, &self.refusals))
            .await
        {
            Ok(opened) => opened,
            Err(_elapsed) => Err(Closed::failed("preparing the connection took too long")),
        }
    }

    pub(super) fn slot(&self, name: &ClientName) -> Arc<tokio::sync::Mutex<Held>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(held.entry(name.clone()).or_default())
    }

    /// Clients whose rows are gone are strangers again, unless they came after the rows were read.
    async fn forget_missing(&self, all: &BTreeMap<ClientName, Seen>, began: Instant) {
        let known: Vec<ClientName> = {
            let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.keys().filter(|name| !all.contains_key(*name)).cloned().collect()
        };
        for name in known {
            let slot = self.slot(&name);
            let held = slot.lock().await;
            if held.since.is_none_or(|since| since < began) {
                self.registry.forget(&name);
                self.refusals.forget(&name);
                self.unopened.retain(|known| known != name.as_str());
                self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
            }
        }
    }

    /// Without the records nobody knows who is frozen; the configuration's clients serve all the same.
    fn add_configured(&self) {
        for (name, client) in &self.configured {
            if self.registry.state(name).is_none() {
                let pool = self.registry.pool_of(name);
                self.registry.add(name.clone(), client.connect(&pool), client.info.clone());
            }
        }
    }

    fn tell_change(&self, record: &ClientRecord, closed: Option<ClosedKind>, is_new: bool) {
        let kind = match closed {
            // Known to be gone since before we came.
            Some(ClosedKind::Deleted) if is_new => return,
            Some(ClosedKind::Deleted) => "client.removed",
            Some(ClosedKind::Frozen) => "client.frozen",
            _ if is_new => "client.created",
            _ => "client.updated",
        };
        let data = json!({ "version": record.version, "origin": record.origin });
        self.events.tell_of(kind, record, data);
    }

    fn tell_statuses(&self, told: &mut HashMap<ClientName, datasources::Status>) {
        let now = self.statuses();
        told.retain(|name, _| now.contains_key(name));
        for (name, status) in now {
            if told.insert(name.clone(), status) != Some(status) {
                let data = json!({ "status": status });
                self.events.tell("client.status_changed", &name, data);
            }
        }
    }
}

/// Whether the record itself says that nobody may go there.
fn closed_by(record: &ClientRecord) -> Option<ClosedKind> {
    if record.deleted {
        return Some(ClosedKind::Deleted);
    }
    if record.frozen {
        return Some(ClosedKind::Frozen);
    }
    (!record.active).then_some(ClosedKind::Inactive)
}
