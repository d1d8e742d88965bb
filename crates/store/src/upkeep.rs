//! What goes on beside the work: statistics follow the log, and what is old goes.

use crate::{Store, StoreError, moment};
use std::time::{Duration, Instant, SystemTime};
use tokio::{
    sync::{Mutex, watch},
    task::JoinHandle,
    time::sleep,
};

/// How far statistics may be behind the log.
const FOLLOW: Duration = Duration::from_secs(5);
const CLEANING: Duration = Duration::from_secs(60);
/// Rows of one deletion, so that it never holds a table for long.
const STEP: i64 = 5_000;
/// Deletions of one cleaning in each table.
const STEPS: u32 = 200;

/// How long what was logged is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    pub operations: Duration,
    pub requests: Duration,
    pub authentication: Duration,
    /// Statistics of each minute; the sums over all time stay.
    pub minutes: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
        Self {
            operations: days(30),
            requests: days(30),
            authentication: days(30),
            minutes: days(90),
        }
    }
}

/// The task that does it.
pub struct Upkeep {
    end: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Upkeep {
    pub fn start(store: Store, retention: Retention) -> Self {
        let (end, ended) = watch::channel(false);
        let task = Mutex::new(Some(tokio::spawn(run(store, retention, ended))));
        Self { end, task }
    }

    /// Count what was logged until now, then stop.
    pub async fn close(&self) {
        self.end.send_replace(true);
        if let Some(task) = self.task.lock().await.take() {
            drop(task.await);
        }
    }
}

async fn run(store: Store, retention: Retention, mut end: watch::Receiver<bool>) {
    let mut cleaned: Option<Instant> = None;
    let mut is_over = false;
    while !is_over {
        is_over = tokio::select! {
            () = sleep(FOLLOW) => false,
            _ = end.wait_for(|ended| *ended) => true,
        };
        report(store.refresh_statistics(false).await, "statistics are behind the log");
        if !is_over && cleaned.is_none_or(|when| when.elapsed() >= CLEANING) {
            cleaned = Some(Instant::now());
            report(store.forget(&retention).await, "old rows of the logs were not removed");
        }
    }
}

fn report(done: Result<u64, StoreError>, otherwise: &'static str) {
    if let Err(error) = done {
        tracing::warn!(error = &error as &dyn std::error::Error, "{otherwise}");
    }
}

// An operation goes only after it was counted. The first rows are the oldest ones.
const OPERATIONS: &str = "
    delete from gateway_operation_log where id in (
        select id from (select id, created_at from gateway_operation_log order by id limit $2) first
        where created_at < timestamptz 'epoch' + $1::bigint * interval '1 microsecond'
          and id <= (select operation_id from statistics_progress))";

const REQUESTS: &str = "
    delete from gateway_request_log where id in (
        select id from gateway_request_log
        where created_at < timestamptz 'epoch' + $1::bigint * interval '1 microsecond'
        order by created_at limit $2)";

const AUTHENTICATION: &str = "
    delete from api_key_auth_log where id in (
        select id from api_key_auth_log
        where time < timestamptz 'epoch' + $1::bigint * interval '1 microsecond'
        order by time limit $2)";

const OPERATION_MINUTES: &str = "
    delete from statistics_operation_counts where ctid = any(array(
        select ctid from statistics_operation_counts
        where minute > '-infinity' and minute < timestamptz 'epoch' + $1::bigint * interval '1 microsecond'
        order by minute limit $2))";

const REQUEST_MINUTES: &str = "
    delete from statistics_request_counts where ctid = any(array(
        select ctid from statistics_request_counts
        where minute > '-infinity' and minute < timestamptz 'epoch' + $1::bigint * interval '1 microsecond'
        order by minute limit $2))";

const EVENTS: &str = "
    delete from datasource_events where id in (
        select id from datasource_events
        where occurred_at < timestamptz 'epoch' + $1::bigint * interval '1 microsecond'
        order by occurred_at limit $2)";

impl Store {
    /// Remove what is older than it may be, table by table and a part at a time; how many rows went.
    pub async fn forget(&self, retention: &Retention) -> Result<u64, StoreError> {
        let mut removed = 0;
        for (statement, keep) in [
            (OPERATIONS, retention.operations),
            (REQUESTS, retention.requests),
            (AUTHENTICATION, retention.authentication),
            (EVENTS, retention.operations),
            (OPERATION_MINUTES, retention.minutes),
            (REQUEST_MINUTES, retention.minutes),
        ] {
            removed += self.forget_before(statement, keep).await?;
        }
        Ok(removed)
    }

    async fn forget_before(
        &self,
        statement: &'static str,
        keep: Duration,
    ) -> Result<u64, StoreError> {
        let Some(oldest) = SystemTime::now().checked_sub(keep) else { return Ok(0) };
        let mut removed = 0;
        for _ in 0..STEPS {
            let done = sqlx::query(statement)
                .bind(moment::to_micros(oldest))
                .bind(STEP)
                .execute(&self.pool)
                .await?;
            removed += done.rows_affected();
            if done.rows_affected() < STEP.unsigned_abs() {
                break;
            }
        }
        Ok(removed)
    }
}
