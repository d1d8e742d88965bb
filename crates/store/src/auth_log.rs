//! The log of uses of keys.

mod read;

pub use read::{AuthFilter, AuthRecord};

use crate::{
    LogSettings, Store, StoreError,
    batch::{Batches, Row},
    moment,
};
use api_types::ClientName;
use serde::Serialize;
use std::{net::IpAddr, sync::Arc, time::SystemTime};

const INSERT: &str = include_str!("auth_log/insert.sql");

/// One use of a key, or the lack of one. What was shown is not in it, but for a keyed digest.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthRow {
    pub request_id: Arc<str>,
    pub public_id: Option<Arc<str>>,
    pub client: Option<ClientName>,
    pub method: Box<str>,
    pub path: Box<str>,
    pub presented_digest: Option<Box<str>>,
    pub required: Vec<Box<str>>,
    pub granted: Vec<Arc<str>>,
    pub authenticated: bool,
    pub authorized: bool,
    pub enforced: bool,
    pub reason: Box<str>,
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
        sqlx::query(INSERT)
            .bind(rows.iter().map(|row| &*row.request_id).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.public_id.as_deref()).collect::<Vec<_>>())
            .bind(
                rows.iter().map(|row| row.client.as_ref().map(|c| c.as_str())).collect::<Vec<_>>(),
            )
            .bind(rows.iter().map(|row| &*row.method).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| &*row.path).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.presented_digest.as_deref()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| json(&row.required)).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| json(&row.granted)).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.authenticated).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.authorized).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.enforced).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| &*row.reason).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.remote_addr.map(|a| a.to_string())).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.user_agent.as_deref()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| moment::to_micros(row.at)).collect::<Vec<_>>())
            .execute(&store.pool)
            .await?;
        Ok(())
    }
}

fn json<T: AsRef<str>>(texts: &[T]) -> String {
    #[derive(Serialize)]
    #[serde(transparent)]
    struct Texts<'a>(Vec<&'a str>);
    let texts = Texts(texts.iter().map(AsRef::as_ref).collect());
    serde_json::to_string(&texts).unwrap_or_else(|_never| "[]".to_owned())
}
