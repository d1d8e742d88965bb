//! How much each client is used, added up from the log of operations and the count of requests.

use crate::{Store, StoreError};
use serde::{Serialize, Serializer};
use serde_json::Value;
use sqlx::FromRow;
use std::time::Duration;

/// Rows of the log that one transaction counts.
const STEP: i64 = 50_000;

const ADVANCE: &str = include_str!("statistics/advance.sql");
const CLIENTS: &str = include_str!("statistics/clients.sql");
const TABLES: &str = include_str!("statistics/tables.sql");
const DRILLDOWN: &str = include_str!("statistics/drilldown.sql");

/// The bucket a duration falls into, as `athena_bucket` has it.
pub(crate) fn bucket(duration: Duration) -> i16 {
    const BOUNDS: f64 = 64.0;
    let micros = duration.as_secs_f64() * 1e6;
    if micros < BOUNDS {
        return 0;
    }
    // A hundred buckets reach beyond half an hour, so the number is small.
    (1.0 + (4.0 * (micros / BOUNDS).log2()).floor()).min(99.0) as i16
}

/// A client's use. Times are RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct ClientUse {
    pub client_name: String,
    pub total_requests: i64,
    pub successful_requests: i64,
    pub failed_requests: i64,
    pub total_cached_requests: i64,
    pub total_operations: i64,
    pub avg_request_duration_ms: f64,
    pub p50_request_duration_ms: f64,
    pub p95_request_duration_ms: f64,
    pub p99_request_duration_ms: f64,
    pub cache_hit_ratio: f64,
    pub last_request_at: Option<String>,
    pub last_operation_at: Option<String>,
    pub updated_at: Option<String>,
}

/// The use of one of its tables by one operation.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct TableUse {
    pub client_name: String,
    pub table_name: Option<String>,
    pub operation: String,
    pub total_operations: i64,
    pub error_operations: i64,
    pub avg_duration_ms: f64,
    pub p50_duration_ms: f64,
    pub p95_duration_ms: f64,
    pub p99_duration_ms: f64,
    pub total_cache_hits: i64,
    pub total_cache_misses: i64,
    pub cache_hit_ratio: f64,
    pub last_operation_at: Option<String>,
    pub updated_at: Option<String>,
}

/// Which operations of the log are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drilldown {
    pub client_name: String,
    pub table_name: String,
    pub operation: String,
    /// Failures alone, successes alone, or both.
    pub is_error: Option<bool>,
    pub limit: u32,
    pub offset: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct DrilldownRow {
    pub created_at: String,
    pub request_id: String,
    pub operation: Option<String>,
    pub table_name: Option<String>,
    pub client_name: Option<String>,
    pub method: Option<String>,
    pub path: Option<String>,
    pub status_code: Option<i32>,
    pub duration_ms: Option<i64>,
    /// Seconds since 1970; the contract's name says otherwise.
    pub operation_time_ms: f64,
    #[serde(serialize_with = "as_json")]
    pub details: Option<String>,
    pub error: bool,
    pub message: Option<String>,
    pub cache_key: Option<String>,
}

/// A jsonb's own text is always JSON.
fn as_json<S: Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    let value: Option<Value> = text.as_deref().and_then(|text| serde_json::from_str(text).ok());
    value.serialize(serializer)
}

impl Store {
    /// Count what the log holds and the statistics do not; how many rows that was.
    ///
    /// Nobody who finds another one counting waits, unless `wait` says so.
    pub async fn refresh_statistics(&self, wait: bool) -> Result<u64, StoreError> {
        let mut counted = 0;
        loop {
            let fence = self.highest_operation().await?;
            let Some((rows, is_done)) = self.count_operations(fence, wait).await? else {
                return Ok(counted);
            };
            counted += rows;
            if is_done {
                return Ok(counted);
            }
        }
    }

    /// Every row up to this id is committed, or never will be.
    async fn highest_operation(&self) -> Result<i64, StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("select pg_advisory_xact_lock(4052, 12)").execute(&mut *transaction).await?;
        let highest: i64 =
            sqlx::query_scalar("select coalesce(max(id), 0) from gateway_operation_log")
                .fetch_one(&mut *transaction)
                .await?;
        transaction.commit().await?;
        Ok(highest)
    }

    /// Nothing when another node is counting.
    async fn count_operations(
        &self,
        fence: i64,
        wait: bool,
    ) -> Result<Option<(u64, bool)>, StoreError> {
        let mut transaction = self.begin().await?;
        let is_ours: bool = if wait {
            sqlx::query("select pg_advisory_xact_lock(4052, 11)")
                .execute(&mut *transaction)
                .await?;
            true
        } else {
            sqlx::query_scalar("select pg_try_advisory_xact_lock(4052, 11)")
                .fetch_one(&mut *transaction)
                .await?
        };
        if !is_ours {
            return Ok(None);
        }
        let from: i64 = sqlx::query_scalar("select operation_id from statistics_progress")
            .fetch_one(&mut *transaction)
            .await?;
        let to = fence.min(from.saturating_add(STEP));
        let mut rows = 0;
        if to > from {
            // The planner expects as many groups as rows, and would sort them on disk.
            sqlx::query("set local work_mem = '32MB'").execute(&mut *transaction).await?;
            let counted: i64 = sqlx::query_scalar(ADVANCE)
                .bind(from)
                .bind(to)
                .fetch_one(&mut *transaction)
                .await?;
            rows = u64::try_from(counted).unwrap_or_default();
        }
        let from = from.max(to);
        sqlx::query("update statistics_progress set operation_id = $1, refreshed_at = now()")
            .bind(from)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Some((rows, from >= fence)))
    }

    /// Every client's use, the most used first; since a moment of RFC 3339, or ever.
    pub async fn client_uses(&self, since: Option<&str>) -> Result<Vec<ClientUse>, StoreError> {
        let since = since.unwrap_or("-infinity");
        Ok(sqlx::query_as(CLIENTS).bind(since).fetch_all(&self.pool).await?)
    }

    /// The use of one client's tables.
    pub async fn table_uses(
        &self,
        client: &str,
        since: Option<&str>,
    ) -> Result<Vec<TableUse>, StoreError> {
        let since = since.unwrap_or("-infinity");
        Ok(sqlx::query_as(TABLES).bind(since).bind(client).fetch_all(&self.pool).await?)
    }

    /// Operations of the log, newest first.
    pub async fn drill_down(&self, wanted: &Drilldown) -> Result<Vec<DrilldownRow>, StoreError> {
        let query = sqlx::query_as(DRILLDOWN)
            .bind(&wanted.client_name)
            .bind(&wanted.table_name)
            .bind(&wanted.operation)
            .bind(wanted.is_error)
            .bind(i64::from(wanted.limit))
            .bind(i64::from(wanted.offset));
        Ok(query.fetch_all(&self.pool).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_grow_by_a_fourth_root_of_two_and_end_somewhere() {
        let of = |micros| bucket(Duration::from_micros(micros));
        assert_eq!([of(0), of(63), of(64), of(127), of(128)], [0, 0, 1, 4, 5]);
        assert_eq!(of(u64::MAX), 99);
        let mut last = 0;
        for micros in (0..2_000_000).step_by(97) {
            let next = of(micros);
            assert!(next >= last);
            last = next;
        }
    }
}
