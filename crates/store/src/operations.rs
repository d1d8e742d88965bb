//! The log of operations.

use crate::{
    LogSettings, Store, StoreError,
    batch::{Batches, Row},
    copy::CopyRows,
    moment,
};
use api_types::ClientName;
use serde::Serialize;
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

const INSERT: &str = include_str!("operations/insert.sql");
/// The lock says that ids are being given out: statistics count only what is below them.
const FENCE: &str = "select pg_advisory_xact_lock_shared(4052, 12)";

/// One operation. It holds no value of any row. Texts are shared with the request, not copied.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationRow {
    pub request_id: Arc<str>,
    pub operation: &'static str,
    pub table_name: Option<Arc<str>>,
    /// Nothing for a client that is not registered: strangers do not fill the statistics with names.
    pub client: Option<ClientName>,
    /// Nothing for what was asked in process.
    pub method: Option<&'static str>,
    pub path: Option<Arc<str>>,
    pub status_code: u16,
    pub duration: Duration,
    /// The problem's code, when it failed.
    pub message: Option<Box<str>>,
    /// Nothing for what is never kept.
    pub cache: Option<CacheSeen>,
    pub details: OperationDetails,
    pub at: SystemTime,
}

/// What became of looking for a kept answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheSeen {
    pub outcome: &'static str,
    pub source: &'static str,
    /// Found or not; nothing when nobody looked.
    pub cached: Option<bool>,
}

/// Who did it, and how much came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationDetails {
    pub trace_id: Arc<str>,
    pub caller: &'static str,
    pub api_key_public_id: Option<Arc<str>>,
    /// For whom a person of the console did it.
    pub on_behalf: Option<OnBehalf>,
    pub row_count: u64,
    pub bytes: usize,
}

/// A person, and the organisation they worked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OnBehalf {
    pub user_id: Arc<str>,
    pub organization_id: Option<Arc<str>>,
    pub company_id: Option<Arc<str>>,
}

/// Where operations are written down. Cheap to clone; every clone is the same queue.
#[derive(Clone)]
pub struct OperationLog {
    batches: Batches<OperationRow>,
}

impl OperationLog {
    /// Start the writer. It ends with the last clone, or when closed.
    pub fn start(store: Store, settings: LogSettings) -> Self {
        Self { batches: Batches::start(store, settings) }
    }

    /// Write this down soon. When the queue is full the row is dropped and counted.
    pub fn record(&self, row: OperationRow) {
        self.batches.record(row);
    }

    /// Rows that were never written.
    pub fn dropped(&self) -> u64 {
        self.batches.dropped()
    }

    /// Write what waits now.
    pub async fn flush(&self) {
        self.batches.flush().await;
    }

    /// Write what waits, then stop.
    pub async fn close(&self) {
        self.batches.close().await;
    }
}

impl Row for OperationRow {
    const WHAT: &'static str = "operations";

    async fn insert(store: &Store, rows: &[Self]) -> Result<(), StoreError> {
        let mut copied = CopyRows::new(22, rows.len());
        rows.iter().for_each(|row| row.copy(&mut copied));
        let mut transaction = store.begin().await?;
        sqlx::query(FENCE).execute(&mut *transaction).await?;
        copied.send(&mut transaction, INSERT).await?;
        Ok(transaction.commit().await?)
    }
}

impl OperationRow {
    fn copy(&self, rows: &mut CopyRows) {
        let micros = i64::try_from(self.duration.as_micros()).unwrap_or(i64::MAX);
        let at = moment::to_micros(self.at);
        let details = &self.details;
        let on_behalf =
            details.on_behalf.as_ref().map(|on_behalf| json!({ "on_behalf": on_behalf }));
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        rows.row()
            .text(Some(&self.request_id))
            .text(Some(self.operation))
            .text(self.table_name.as_deref())
            .text(self.client.as_ref().map(ClientName::as_str))
            .int(i32::from(self.status_code))
            .bigint(Some(micros))
            .bigint(Some(micros / 1_000))
            .text(self.message.as_deref())
            .jsonb(on_behalf.map(|on_behalf| on_behalf.to_string()).as_deref())
            .text(Some(&details.trace_id))
            .text(Some(details.caller))
            .text(details.api_key_public_id.as_deref())
            .bigint(Some(number(details.row_count)))
            .bigint(Some(number(details.bytes as u64)))
            .moment(at)
            .seconds(at)
            .flag(Some(self.status_code >= 400))
            .text(self.method)
            .text(self.path.as_deref())
            .text(self.cache.map(|cache| cache.outcome))
            .text(self.cache.map(|cache| cache.source))
            .flag(self.cache.and_then(|cache| cache.cached));
    }
}
