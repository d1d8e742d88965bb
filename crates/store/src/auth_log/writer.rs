//! Takes rows from the queue and writes many with one statement.

use super::AuthRow;
use crate::{LogSettings, Store, StoreError, moment};
use serde::Serialize;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};
use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};

const INSERT: &str = include_str!("insert.sql");
const CLEANING: Duration = Duration::from_secs(60 * 60);
/// Rows that one cleaning removes at most, so that it never holds the table for long.
const CLEANED_AT_ONCE: i64 = 50_000;

pub(super) struct Writer {
    store: Store,
    settings: LogSettings,
    queue: mpsc::Receiver<AuthRow>,
    dropped: Arc<AtomicU64>,
    next_cleaning: Instant,
}

impl Writer {
    pub(super) fn new(
        store: Store,
        settings: LogSettings,
        queue: mpsc::Receiver<AuthRow>,
        dropped: Arc<AtomicU64>,
    ) -> Self {
        Self { store, settings, queue, dropped, next_cleaning: Instant::now() + CLEANING }
    }

    pub(super) async fn run(mut self, mut end: watch::Receiver<bool>) {
        let batch = self.settings.batch.max(1);
        loop {
            let mut rows = Vec::new();
            let is_over = tokio::select! {
                count = self.queue.recv_many(&mut rows, batch) => count == 0,
                () = ended(&mut end) => true,
            };
            if !is_over && rows.len() < batch {
                // A moment for more of them, so that few statements carry many.
                tokio::select! {
                    () = sleep(self.settings.every) => {}
                    () = ended(&mut end) => {}
                }
            }
            while rows.len() < batch {
                let Ok(row) = self.queue.try_recv() else { break };
                rows.push(row);
            }
            let is_empty = rows.is_empty();
            self.write(rows).await;
            self.clean().await;
            // What waits is written to its end, batch by batch.
            if is_over && is_empty {
                return;
            }
        }
    }

    async fn write(&self, rows: Vec<AuthRow>) {
        if rows.is_empty() {
            return;
        }
        if let Err(error) = self.store.insert_auth_rows(&rows).await {
            // They are not tried again: a store that is down would fill the memory.
            self.dropped.fetch_add(rows.len() as u64, Ordering::Relaxed);
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                rows = rows.len(),
                "uses of keys could not be logged"
            );
        }
    }

    async fn clean(&mut self) {
        if Instant::now() < self.next_cleaning {
            return;
        }
        self.next_cleaning = Instant::now() + CLEANING;
        let oldest = SystemTime::now().checked_sub(self.settings.keep);
        if let Some(oldest) = oldest
            && let Err(error) = self.store.forget_auth_rows(oldest).await
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "old uses of keys could not be removed"
            );
        }
    }
}

/// Told so, or nobody is left to tell.
async fn ended(end: &mut watch::Receiver<bool>) {
    let _ = end.wait_for(|ended| *ended).await;
}

impl Store {
    async fn insert_auth_rows(&self, rows: &[AuthRow]) -> Result<(), StoreError> {
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
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Remove uses of keys that are older than this.
    pub async fn forget_auth_rows(&self, oldest: SystemTime) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "delete from api_key_auth_log where id in (
                 select id from api_key_auth_log
                 where time < timestamptz 'epoch' + $1::bigint * interval '1 microsecond'
                 limit $2)",
        )
        .bind(moment::to_micros(oldest))
        .bind(CLEANED_AT_ONCE)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }
}

fn json<T: AsRef<str>>(texts: &[T]) -> String {
    #[derive(Serialize)]
    #[serde(transparent)]
    struct Texts<'a>(Vec<&'a str>);
    let texts = Texts(texts.iter().map(AsRef::as_ref).collect());
    serde_json::to_string(&texts).unwrap_or_else(|_never| "[]".to_owned())
}
