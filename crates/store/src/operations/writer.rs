//! Takes rows from the queue and writes many with one statement.

use super::{LogSettings, OperationRow};
use crate::{Store, StoreError, moment};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};
use tokio::sync::{mpsc, watch};

const INSERT: &str = include_str!("insert.sql");
const CLEANING: Duration = Duration::from_secs(60 * 60);
/// Rows that one cleaning removes at most, so that it never holds the table for long.
const CLEANED_AT_ONCE: i64 = 50_000;

pub(super) struct Writer {
    store: Store,
    settings: LogSettings,
    dropped: Arc<AtomicU64>,
    next_cleaning: Instant,
}

impl Writer {
    pub(super) fn new(store: Store, settings: LogSettings, dropped: Arc<AtomicU64>) -> Self {
        Self { store, settings, dropped, next_cleaning: Instant::now() + CLEANING }
    }

    pub(super) async fn run(
        mut self,
        mut queue: mpsc::Receiver<OperationRow>,
        mut end: watch::Receiver<bool>,
    ) {
        let mut rows = Vec::with_capacity(self.settings.batch);
        loop {
            tokio::select! {
                taken = queue.recv_many(&mut rows, self.settings.batch) => if taken == 0 { return },
                _ = end.wait_for(|ended| *ended) => break,
            }
            self.gather(&mut queue, &mut end, &mut rows).await;
            self.write(&mut rows).await;
            self.clean().await;
        }
        queue.close();
        while queue.recv_many(&mut rows, self.settings.batch).await > 0 {
            self.write(&mut rows).await;
        }
    }

    /// Wait a moment for more rows, so that few statements carry many.
    async fn gather(
        &self,
        queue: &mut mpsc::Receiver<OperationRow>,
        end: &mut watch::Receiver<bool>,
        rows: &mut Vec<OperationRow>,
    ) {
        let until = tokio::time::sleep(self.settings.every);
        tokio::pin!(until);
        while rows.len() < self.settings.batch {
            let room = self.settings.batch - rows.len();
            tokio::select! {
                taken = queue.recv_many(rows, room) => if taken == 0 { return },
                () = &mut until => return,
                _ = end.wait_for(|ended| *ended) => return,
            }
        }
    }

    async fn write(&self, rows: &mut Vec<OperationRow>) {
        if let Err(error) = self.store.insert_operations(rows).await {
            // They are not tried again: a store that is down would fill the memory.
            self.dropped.fetch_add(rows.len() as u64, Ordering::Relaxed);
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                rows = rows.len(),
                "operations could not be logged"
            );
        }
        rows.clear();
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

impl Store {
    async fn insert_operations(&self, rows: &[OperationRow]) -> Result<(), StoreError> {
        let millis =
            |row: &OperationRow| i64::try_from(row.duration.as_millis()).unwrap_or(i64::MAX);
        sqlx::query(INSERT)
            .bind(rows.iter().map(|row| row.request_id.as_str()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.operation).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.table_name.as_deref()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.client.as_str()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| i32::from(row.status_code)).collect::<Vec<_>>())
            .bind(rows.iter().map(millis).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.message.as_deref()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.details.to_string()).collect::<Vec<_>>())
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
