//! Takes rows from the queue and writes many with one statement.

use super::{LogSettings, OperationRow, Queue};
use crate::{Store, StoreError, moment};
use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};
use tokio::{sync::watch, time::sleep};

const INSERT: &str = include_str!("insert.sql");
const CLEANING: Duration = Duration::from_secs(60 * 60);
/// Rows that one cleaning removes at most, so that it never holds the table for long.
const CLEANED_AT_ONCE: i64 = 50_000;

pub(super) struct Writer {
    store: Store,
    settings: LogSettings,
    queue: Arc<Queue>,
    next_cleaning: Instant,
}

impl Writer {
    pub(super) fn new(store: Store, settings: LogSettings, queue: Arc<Queue>) -> Self {
        Self { store, settings, queue, next_cleaning: Instant::now() + CLEANING }
    }

    pub(super) async fn run(mut self, mut end: watch::Receiver<bool>) {
        let mut is_over = false;
        while !is_over {
            is_over = tokio::select! {
                () = self.queue.first() => self.gather(&mut end).await,
                () = ended(&mut end) => true,
            };
            self.write().await;
            self.clean().await;
        }
    }

    /// Wait a moment for more rows, so that few statements carry many. True when it is over.
    async fn gather(&self, end: &mut watch::Receiver<bool>) -> bool {
        tokio::select! {
            () = sleep(self.settings.every) => false,
            () = self.queue.plenty() => false,
            () = ended(end) => true,
        }
    }

    async fn write(&self) {
        for rows in self.queue.take().chunks(self.settings.batch.max(1)) {
            if let Err(error) = self.store.insert_operations(rows).await {
                // They are not tried again: a store that is down would fill the memory.
                self.queue.lose(rows.len());
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    rows = rows.len(),
                    "operations could not be logged"
                );
            }
        }
    }

    async fn clean(&mut self) {
        if Instant::now() < self.next_cleaning {
            return;
        }
        self.next_cleaning = Instant::now() + CLEANING;
        let oldest = SystemTime::now().checked_sub(self.settings.keep);
        if let Some(oldest) = oldest
            && let Err(error) = self.store.forget_operations(oldest).await
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "old operations could not be removed"
            );
        }
    }
}

/// Told so, or nobody is left to tell.
async fn ended(end: &mut watch::Receiver<bool>) {
    let _ = end.wait_for(|ended| *ended).await;
}

impl Store {
    async fn insert_operations(&self, rows: &[OperationRow]) -> Result<(), StoreError> {
        let details = |row: &OperationRow| serde_json::to_string(&row.details).unwrap_or_default();
        let millis =
            |row: &OperationRow| i64::try_from(row.duration.as_millis()).unwrap_or(i64::MAX);
        sqlx::query(INSERT)
            .bind(rows.iter().map(|row| &*row.request_id).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.operation).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.table_name.as_deref()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.client.as_str()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| i32::from(row.status_code)).collect::<Vec<_>>())
            .bind(rows.iter().map(millis).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.message.as_deref()).collect::<Vec<_>>())
            .bind(rows.iter().map(details).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| moment::to_micros(row.at)).collect::<Vec<_>>())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Remove operations that are older than this.
    pub async fn forget_operations(&self, oldest: SystemTime) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "delete from gateway_operation_log where id in (
                 select id from gateway_operation_log
                 where created_at < timestamptz 'epoch' + $1::bigint * interval '1 microsecond'
                 limit $2)",
        )
        .bind(moment::to_micros(oldest))
        .bind(CLEANED_AT_ONCE)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }
}
