//! The table of requests that were not simply let in.

use super::AdmissionEvent;
use crate::{Store, StoreError, moment};
use serde_json::Value;
use sqlx::{Row, postgres::PgRow};
use std::time::Duration;
use uuid::Uuid;

const INSERT: &str = "
    insert into gateway_admission_events
        (event_id, method, route, client_name, request_bytes, defer_requested, is_query_route, decision, reason,
         deferred_request_id, retry_after_seconds, window_seconds, global_limit_per_window,
         per_client_limit_per_window, meta, created_at)
    select event_id::uuid, method, route, client_name, request_bytes, defer_requested, is_query_route, decision, reason,
        deferred_request_id, retry_after, window_seconds, global_limit, client_limit, meta::jsonb,
        timestamptz 'epoch' + micros * interval '1 microsecond'
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::boolean[], $7::boolean[], $8::text[],
            $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::text[], $16::bigint[])
        as rows (event_id, method, route, client_name, request_bytes, defer_requested, is_query_route, decision, reason,
            deferred_request_id, retry_after, window_seconds, global_limit, client_limit, meta, micros)";

const LIST: &str = "
    select id, event_id::text as event_id,
        to_char(created_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') as created_at,
        method, route, client_name, request_bytes, defer_requested, is_query_route, decision, reason,
        deferred_request_id, retry_after_seconds, window_seconds, global_limit_per_window,
        per_client_limit_per_window, meta::text as meta
    from gateway_admission_events
    where ($1::text is null or decision = $1) and ($2::text is null or client_name = $2)
    order by created_at desc, id desc limit $3 offset $4";

/// Which events to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AdmissionEventFilter {
    pub decision: Option<String>,
    pub client: Option<String>,
    pub limit: u32,
    pub offset: u32,
}

/// An event as it was written down.
#[derive(Debug, Clone, PartialEq)]
pub struct AdmissionEventRow {
    pub id: i64,
    pub event_id: String,
    /// RFC 3339.
    pub created_at: String,
    pub method: String,
    pub route: String,
    pub client_name: Option<String>,
    pub request_bytes: Option<i64>,
    pub defer_requested: bool,
    pub is_query_route: bool,
    pub decision: String,
    pub reason: String,
    pub deferred_request_id: Option<String>,
    pub retry_after_seconds: Option<i64>,
    pub window_seconds: Option<i64>,
    pub global_limit_per_window: Option<i64>,
    pub per_client_limit_per_window: Option<i64>,
    pub meta: Value,
}

impl Store {
    /// Newest first.
    pub async fn list_admission_events(
        &self,
        filter: &AdmissionEventFilter,
    ) -> Result<Vec<AdmissionEventRow>, StoreError> {
        let rows = sqlx::query(LIST)
            .bind(&filter.decision)
            .bind(&filter.client)
            .bind(i64::from(filter.limit))
            .bind(i64::from(filter.offset))
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.iter().map(row).collect::<Result<_, _>>()?)
    }

    /// Remove events that are older than this.
    pub async fn forget_admission_events(&self, age: Duration) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "delete from gateway_admission_events where id in (
                 select id from gateway_admission_events
                 where created_at < now() - $1::bigint * interval '1 microsecond' limit 50000)",
        )
        .bind(i64::try_from(age.as_micros()).unwrap_or(i64::MAX))
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }
}

pub(super) async fn insert(store: &Store, events: &[AdmissionEvent]) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    sqlx::query(INSERT)
        .bind(events.iter().map(|_| Uuid::new_v4().to_string()).collect::<Vec<_>>())
        .bind(events.iter().map(|event| &*event.method).collect::<Vec<_>>())
        .bind(events.iter().map(|event| event.route).collect::<Vec<_>>())
        .bind(events.iter().map(|event| event.client.as_deref()).collect::<Vec<_>>())
        .bind(events.iter().map(|event| event.bytes.map(number)).collect::<Vec<_>>())
        .bind(events.iter().map(|event| event.defer_requested).collect::<Vec<_>>())
        .bind(events.iter().map(|event| event.is_query_route).collect::<Vec<_>>())
        .bind(events.iter().map(|event| event.decision).collect::<Vec<_>>())
        .bind(events.iter().map(|event| event.reason).collect::<Vec<_>>())
        .bind(events.iter().map(|event| event.deferred_request_id.as_deref()).collect::<Vec<_>>())
        .bind(events.iter().map(|event| number(event.retry_after_seconds)).collect::<Vec<_>>())
        .bind(events.iter().map(|event| number(event.window_seconds)).collect::<Vec<_>>())
        .bind(events.iter().map(|event| number(event.global_limit)).collect::<Vec<_>>())
        .bind(events.iter().map(|event| number(event.client_limit)).collect::<Vec<_>>())
        .bind(events.iter().map(|event| event.meta.to_string()).collect::<Vec<_>>())
        .bind(events.iter().map(|event| moment::to_micros(event.at)).collect::<Vec<_>>())
        .execute(&store.pool)
        .await?;
    Ok(())
}

fn row(row: &PgRow) -> Result<AdmissionEventRow, sqlx::Error> {
    let meta: String = row.try_get("meta")?;
    Ok(AdmissionEventRow {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        created_at: row.try_get("created_at")?,
        method: row.try_get("method")?,
        route: row.try_get("route")?,
        client_name: row.try_get("client_name")?,
        request_bytes: row.try_get("request_bytes")?,
        defer_requested: row.try_get("defer_requested")?,
        is_query_route: row.try_get("is_query_route")?,
        decision: row.try_get("decision")?,
        reason: row.try_get("reason")?,
        deferred_request_id: row.try_get("deferred_request_id")?,
        retry_after_seconds: row.try_get("retry_after_seconds")?,
        window_seconds: row.try_get("window_seconds")?,
        global_limit_per_window: row.try_get("global_limit_per_window")?,
        per_client_limit_per_window: row.try_get("per_client_limit_per_window")?,
        meta: serde_json::from_str(&meta).unwrap_or_default(),
    })
}
