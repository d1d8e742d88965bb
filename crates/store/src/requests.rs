//! What is written of requests: a count of each, and a row for as many as there is room for.

mod tally;

use crate::{
    LogSettings, Rate, Store, StoreError,
    batch::{Batches, Row},
    copy::CopyRows,
    to_the_end,
};
use api_types::ClientName;
use std::{
    borrow::Cow,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};
use tally::Tally;
use tokio::{sync::watch, task::JoinHandle};

const INSERT: &str = include_str!("requests/insert.sql");
/// How often counts are handed to the store.
const COUNTED: Duration = Duration::from_secs(1);

/// A request as it is written down. Secrets were taken out by whoever made it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequestRow {
    pub request_id: Arc<str>,
    pub client: Option<ClientName>,
    pub method: String,
    pub path: Arc<str>,
    pub query_string: Option<String>,
    pub status_code: u16,
    pub ipv4: Option<String>,
    pub user_agent: Option<String>,
    pub headers: serde_json::Value,
    pub body: Option<serde_json::Value>,
    pub user_id: Option<String>,
    pub company_id: Option<String>,
    pub organization_id: Option<String>,
    pub presented_api_key_public_id: Option<String>,
    pub api_key_authenticated: bool,
    pub api_key_authorized: bool,
    pub api_key_enforced: bool,
    pub api_key_auth_reason: Option<String>,
    pub host: Option<String>,
    pub cached: Option<bool>,
    pub duration_ms: u64,
    pub cache_lookup_outcome: Option<String>,
    pub cache_source: Option<String>,
    pub operation: Option<&'static str>,
    pub table_name: Option<Arc<str>>,
    pub route_source: Option<&'static str>,
    pub route_key: Option<String>,
    pub route_outcome: Option<&'static str>,
    /// Microseconds since 1970.
    pub micros: i64,
}

/// What is counted of a request, whether or not it is written down.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestCount {
    /// Only registered ones: their number is bounded.
    pub client: Option<ClientName>,
    pub status: u16,
    pub is_cached: bool,
    pub duration: Duration,
    pub at: SystemTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestSettings {
    pub log: LogSize,
    /// Rows of requests that succeeded, in each second; failures are always written.
    pub per_second: u32,
    /// The largest body that is kept with its request; none when 0.
    pub body_bytes: usize,
}

/// The queue's size, apart from its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSize {
    pub queue: usize,
}

impl Default for RequestSettings {
    fn default() -> Self {
        Self { log: LogSize { queue: 20_000 }, per_second: 500, body_bytes: 0 }
    }
}

/// Cheap to clone; every clone is the same log.
#[derive(Clone)]
pub struct RequestLog {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    settings: RequestSettings,
    batches: Batches<RequestRow>,
    tally: Arc<Mutex<Tally>>,
    rate: Rate,
    skipped: AtomicU64,
    end: watch::Sender<bool>,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
    /// Counts are handed over by one at a time.
    counting: tokio::sync::Mutex<()>,
}

impl RequestLog {
    pub fn start(store: Store, settings: RequestSettings) -> Self {
        let log = LogSettings { queue: settings.log.queue, ..LogSettings::default() };
        let (end, ended) = watch::channel(false);
        let inner = Arc::new(Inner {
            batches: Batches::start(store.clone(), log),
            store,
            tally: Arc::default(),
            rate: Rate::new(settings.per_second),
            settings,
            skipped: AtomicU64::new(0),
            end,
            task: tokio::sync::Mutex::new(None),
            counting: tokio::sync::Mutex::new(()),
        });
        let task = tokio::spawn(count(Arc::downgrade(&inner), ended));
        if let Ok(mut slot) = inner.task.try_lock() {
            *slot = Some(task);
        }
        Self { inner }
    }

    /// The largest body that is kept with its request.
    pub fn body_bytes(&self) -> usize {
        self.inner.settings.body_bytes
    }

    /// Count a request. True when it is to be written down as well.
    pub fn count(&self, seen: &RequestCount) -> bool {
        let inner = &self.inner;
        // Nothing under this lock can panic halfway through a change.
        inner.tally.lock().unwrap_or_else(PoisonError::into_inner).add(seen);
        let is_wanted = seen.status >= 400 || inner.rate.admits(seen.at);
        if !is_wanted {
            inner.skipped.fetch_add(1, Ordering::Relaxed);
        }
        is_wanted
    }

    /// Write this down soon. When the queue is full the row is dropped and counted.
    pub fn record(&self, row: RequestRow) {
        self.inner.batches.record(row);
    }

    /// Rows that were lost.
    pub fn dropped(&self) -> u64 {
        self.inner.batches.dropped()
    }

    /// Requests that succeeded and were counted only, because there were too many in their second.
    pub fn skipped(&self) -> u64 {
        self.inner.skipped.load(Ordering::Relaxed)
    }

    /// Requests that are in no statistics: the store was away for too long.
    pub fn uncounted(&self) -> u64 {
        self.inner.tally.lock().unwrap_or_else(PoisonError::into_inner).lost()
    }

    /// Write what waits now.
    pub async fn flush(&self) {
        self.inner.batches.flush().await;
        // Counts that were taken to be handed over would be lost with whoever waits.
        let inner = Arc::clone(&self.inner);
        to_the_end(async move { inner.hand_over().await }).await;
    }

    /// Write what waits, then stop.
    pub async fn close(&self) {
        self.inner.end.send_replace(true);
        let task = self.inner.task.lock().await.take();
        if let Some(task) = task {
            drop(task.await);
        }
        self.inner.batches.close().await;
        self.inner.hand_over().await;
    }
}

impl Inner {
    async fn hand_over(&self) {
        let _turn = self.counting.lock().await;
        let counts = self.tally.lock().unwrap_or_else(PoisonError::into_inner).take();
        if counts.is_empty() {
            return;
        }
        if let Err(error) = self.store.add_request_counts(&counts).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "requests could not be counted yet"
            );
            self.tally.lock().unwrap_or_else(PoisonError::into_inner).give_back(counts);
        }
    }
}

async fn count(inner: std::sync::Weak<Inner>, mut end: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(COUNTED) => {}
            _ = end.wait_for(|ended| *ended) => return,
        }
        let Some(inner) = inner.upgrade() else { return };
        inner.hand_over().await;
    }
}

impl Row for RequestRow {
    const WHAT: &'static str = "requests";

    async fn insert(store: &Store, rows: &[Self]) -> Result<(), StoreError> {
        let mut copied = CopyRows::new(30, rows.len());
        rows.iter().for_each(|row| row.copy(&mut copied));
        let mut connection = store.pool.acquire().await?;
        copied.send(&mut connection, INSERT).await
    }
}

impl RequestRow {
    fn copy(&self, rows: &mut CopyRows) {
        fn text(text: &Option<String>) -> Option<Cow<'_, str>> {
            text.as_deref().map(without_nul)
        }
        rows.row()
            .moment(self.micros)
            .text(Some(&without_nul(&self.request_id)))
            .text(self.client.as_ref().map(ClientName::as_str))
            .text(Some(&without_nul(&self.method)))
            .text(Some(&without_nul(&self.path)))
            .text(text(&self.query_string).as_deref())
            .int(i32::from(self.status_code))
            .text(text(&self.ipv4).as_deref())
            .text(text(&self.user_agent).as_deref())
            .jsonb(Some(&without_escaped_nul(&self.headers)))
            .jsonb(self.body.as_ref().map(without_escaped_nul).as_deref())
            .text(text(&self.user_id).as_deref())
            .text(text(&self.company_id).as_deref())
            .text(text(&self.organization_id).as_deref())
            .text(text(&self.presented_api_key_public_id).as_deref())
            .flag(Some(self.api_key_authenticated))
            .flag(Some(self.api_key_authorized))
            .flag(Some(self.api_key_enforced))
            .text(text(&self.api_key_auth_reason).as_deref())
            .text(text(&self.host).as_deref())
            .flag(self.cached)
            .bigint(Some(i64::try_from(self.duration_ms).unwrap_or(i64::MAX)))
            .text(text(&self.cache_lookup_outcome).as_deref())
            .text(text(&self.cache_source).as_deref())
            .text(self.operation)
            .text(self.table_name.as_deref())
            .text(self.route_source)
            .text(text(&self.route_key).as_deref())
            .text(self.route_outcome)
            .seconds(self.micros);
    }
}

/// PostgreSQL keeps no NUL in a text, nor in a text of JSON.
fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

fn without_escaped_nul(value: &serde_json::Value) -> String {
    value.to_string().replace("\\u0000", "")
}
