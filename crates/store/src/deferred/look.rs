//! Looking at deferred requests without touching them.

use super::{DeferredStatus, status};
use crate::{Store, StoreError};
use serde_json::Value;
use sqlx::{Row, postgres::PgRow};

/// A request as it is shown. What it asks for is not in it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeferredRow {
    pub request_id: String,
    pub status: DeferredStatus,
    pub method: String,
    pub route: String,
    pub client: String,
    pub reason: String,
    pub attempts: u32,
    pub caller: String,
    /// RFC 3339, as is every moment here.
    pub created_at: String,
    pub updated_at: String,
    pub completed_at: Option<String>,
    /// While it is queued.
    pub next_attempt_at: Option<String>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub summary: Option<Value>,
    pub has_result: bool,
}

/// Which requests to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeferredFilter {
    pub client: Option<String>,
    pub caller: Option<String>,
    pub status: Option<DeferredStatus>,
    pub limit: u32,
    pub offset: u32,
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeferredResult {
    pub status: u16,
    pub body: Vec<u8>,
}

/// How many requests there are of each status, and how old the oldest is that waits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeferredCounts {
    pub by_status: Vec<(DeferredStatus, u64)>,
    pub oldest_seconds: u64,
}

macro_rules! shown {
    ($rest:literal) => {
        concat!(
            "select request_id, status, method, route, client_name, deferred_reason, attempts, caller, ",
            "to_char(created_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') as created_at, ",
            "to_char(updated_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') as updated_at, ",
            "to_char(completed_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') as completed_at, ",
            "case when status = 'queued' then to_char(next_attempt_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') end as next_attempt_at, ",
            "error_code, error_message, result_summary::text as summary, result is not null as has_result ",
            "from gateway_deferred_request_queue ",
            $rest
        )
    };
}

const ONE: &str = shown!("where request_id = $1");

const LIST: &str = shown!(
    "where ($1::text is null or client_name = $1) and ($2::text is null or caller = $2) \
     and ($3::text is null or status = $3) \
     order by created_at desc, request_id limit $4 offset $5"
);

impl Store {
    pub async fn deferred(&self, id: &str) -> Result<Option<DeferredRow>, StoreError> {
        let found = sqlx::query(ONE).bind(id).fetch_optional(&self.pool).await?;
        Ok(found.as_ref().map(row).transpose()?)
    }

    /// Newest first.
    pub async fn list_deferred(
        &self,
        filter: &DeferredFilter,
    ) -> Result<Vec<DeferredRow>, StoreError> {
        let rows = sqlx::query(LIST)
            .bind(&filter.client)
            .bind(&filter.caller)
            .bind(filter.status.map(DeferredStatus::word))
            .bind(i64::from(filter.limit))
            .bind(i64::from(filter.offset))
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.iter().map(row).collect::<Result<_, _>>()?)
    }

    /// The whole answer, if it is kept.
    pub async fn deferred_result(&self, id: &str) -> Result<Option<DeferredResult>, StoreError> {
        let found: Option<(Option<i32>, Option<Vec<u8>>)> = sqlx::query_as(
            "select result_status, result from gateway_deferred_request_queue where request_id = $1",
        )
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        let Some((Some(status), Some(body))) = found else { return Ok(None) };
        Ok(Some(DeferredResult { status: u16::try_from(status).unwrap_or(200), body }))
    }

    pub async fn count_deferred(&self) -> Result<DeferredCounts, StoreError> {
        let rows: Vec<(String, i64, Option<f64>)> = sqlx::query_as(
            "select status, count(*),
                 (extract(epoch from now() - min(created_at) filter (where status = 'queued')))::float8
             from gateway_deferred_request_queue group by status",
        )
        .fetch_all(&self.pool)
        .await?;
        let oldest = rows.iter().filter_map(|(_, _, age)| *age).fold(0.0, f64::max);
        let by_status = rows.iter().filter_map(|(word, count, _)| {
            Some((DeferredStatus::parse(word)?, u64::try_from(*count).unwrap_or(0)))
        });
        Ok(DeferredCounts { by_status: by_status.collect(), oldest_seconds: oldest as u64 })
    }
}

fn row(row: &PgRow) -> Result<DeferredRow, sqlx::Error> {
    let word: String = row.try_get("status")?;
    let attempts: i32 = row.try_get("attempts")?;
    let summary: Option<String> = row.try_get("summary")?;
    Ok(DeferredRow {
        request_id: row.try_get("request_id")?,
        status: status(&word),
        method: row.try_get("method")?,
        route: row.try_get("route")?,
        client: row.try_get("client_name")?,
        reason: row.try_get("deferred_reason")?,
        attempts: u32::try_from(attempts).unwrap_or(0),
        caller: row.try_get("caller")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        completed_at: row.try_get("completed_at")?,
        next_attempt_at: row.try_get("next_attempt_at")?,
        error_code: row.try_get("error_code")?,
        error_message: row.try_get("error_message")?,
        summary: summary.and_then(|text| serde_json::from_str(&text).ok()),
        has_result: row.try_get("has_result")?,
    })
}
