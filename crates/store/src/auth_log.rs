//! The log of uses of keys.

mod read;

pub use read::{AuthFilter, AuthRecord};

use crate::{
    LogSettings, Store, StoreError,
    batch::{Batches, Row},
    copy::CopyRows,
    moment,
};
use api_types::ClientName;
use serde::Serialize;
use sqlx::PgConnection;
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
    time::SystemTime,
};
use uuid::Uuid;

const INSERT: &str = include_str!("auth_log/insert.sql");

/// One use of a key, or the lack of one. What was shown is not in it, but for a keyed digest.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthRow {
    pub request_id: Arc<str>,
    pub public_id: Option<Arc<str>>,
    pub client: Option<ClientName>,
    pub method: Cow<'static, str>,
    pub path: Box<str>,
    pub presented_digest: Option<Box<str>>,
    pub required: Vec<Cow<'static, str>>,
    pub granted: Vec<Arc<str>>,
    pub authenticated: bool,
    pub authorized: bool,
    pub enforced: bool,
    pub reason: Cow<'static, str>,
    pub remote_addr: Option<IpAddr>,
    pub user_agent: Option<Box<str>>,
    pub at: SystemTime,
}

/// Where uses of keys are written down. Cheap to clone; every clone is the same queue.
#[derive(Clone)]
pub struct AuthLog {
    batches: Batches<AuthRow>,
}

impl AuthLog {
    /// Start the writer. It ends with the last clone, or when closed.
    pub fn start(store: Store, settings: LogSettings) -> Self {
        Self { batches: Batches::start(store, settings) }
    }

    /// Write this down soon. When the queue is full the row is dropped and counted.
    pub fn record(&self, row: AuthRow) {
        self.batches.record(row);
    }

    /// Rows that were never written.
    pub fn dropped(&self) -> u64 {
        self.batches.dropped()
    }

    /// Write what waits, then stop.
    pub async fn close(&self) {
        self.batches.close().await;
    }
}

impl Row for AuthRow {
    const WHAT: &'static str = "uses of keys";

    async fn insert(store: &Store, rows: &[Self]) -> Result<(), StoreError> {
        let mut connection = store.pool.acquire().await?;
        let keys = key_rows(&mut connection, rows).await?;
        let mut copied = CopyRows::new(17, rows.len());
        rows.iter().for_each(|row| row.copy(&keys, &mut copied));
        copied.send(&mut connection, INSERT).await
    }
}

impl AuthRow {
    fn copy(&self, keys: &HashMap<String, i64>, rows: &mut CopyRows) {
        let address = self.remote_addr.map(|address| address.to_string());
        let key = self.public_id.as_deref().and_then(|id| keys.get(id)).copied();
        rows.row()
            // Where the database has to make one up, it does not write many rows at once.
            .uuid(Uuid::new_v4())
            .text(Some(&self.request_id))
            .bigint(key)
            .text(self.public_id.as_deref())
            .text(self.client.as_ref().map(ClientName::as_str))
            .text(Some(&self.method))
            .text(Some(&self.path))
            .text(self.presented_digest.as_deref())
            .jsonb(Some(&json(&self.required)))
            .jsonb(Some(&json(&self.granted)))
            .flag(Some(self.authenticated))
            .flag(Some(self.authorized))
            .flag(Some(self.enforced))
            .text(Some(&self.reason))
            .text(address.as_deref())
            .text(self.user_agent.as_deref())
            .moment(moment::to_micros(self.at));
    }
}

/// Which rows these keys are, those that are gone left out: few keys make many uses.
async fn key_rows(
    connection: &mut PgConnection,
    rows: &[AuthRow],
) -> Result<HashMap<String, i64>, StoreError> {
    let ids: HashSet<&str> = rows.iter().filter_map(|row| row.public_id.as_deref()).collect();
    let found = sqlx::query_as("select public_id, id from api_keys where public_id = any($1)")
        .bind(ids.into_iter().collect::<Vec<_>>())
        .fetch_all(connection)
        .await?;
    Ok(found.into_iter().collect())
}

fn json<T: AsRef<str>>(texts: &[T]) -> String {
    #[derive(Serialize)]
    #[serde(transparent)]
    struct Texts<'a>(Vec<&'a str>);
    let texts = Texts(texts.iter().map(AsRef::as_ref).collect());
    serde_json::to_string(&texts).unwrap_or_else(|_never| "[]".to_owned())
}
