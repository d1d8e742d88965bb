//! Differences that were seen: one event for the same ones, from when they come until they are gone.

use super::JsonText;
use crate::{Store, StoreError};
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

/// An event. Times are RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct DriftRow {
    pub id: String,
    pub client_name: String,
    pub resource_name: String,
    pub fingerprint: String,
    #[sqlx(try_from = "String")]
    pub diffs: JsonText,
    pub first_seen_at: String,
    pub last_seen_at: String,
    pub seen_count: i64,
    pub resolved_at: Option<String>,
    pub acknowledged_at: Option<String>,
    pub acknowledged_by: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DriftPage {
    /// Only those that are neither gone nor acknowledged.
    pub only_open: bool,
    pub limit: u32,
    pub offset: u32,
}

/// Every statement below answers with these.
macro_rules! columns {
    () => {
        "external_drift_id::text as id, client_name, resource_name, fingerprint, diffs::text as diffs,
        to_char(first_seen_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') as first_seen_at,
        to_char(last_seen_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') as last_seen_at,
        seen_count,
        to_char(resolved_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') as resolved_at,
        to_char(acknowledged_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') as acknowledged_at,
        acknowledged_by"
    };
}

// A row that was just made has never been updated: only who made it tells of it.
const SEE: &str = "
    insert into external_drift (client_name, resource_name, fingerprint, diffs)
    values ($1, $2, $3, $4::jsonb)
    on conflict (client_name, resource_name, fingerprint) where resolved_at is null
    do update set last_seen_at = now(), seen_count = external_drift.seen_count + 1
    returning xmax = 0";

const RESOLVE: &str = concat!(
    "update external_drift set resolved_at = now()
    where client_name = $1 and resource_name = $2 and resolved_at is null
        and fingerprint is distinct from $3
    returning ",
    columns!()
);

const LIST: &str = concat!(
    "select ",
    columns!(),
    " from external_drift
    where client_name = $1 and (not $2 or (resolved_at is null and acknowledged_at is null))
    order by external_drift.id desc limit $3 offset $4"
);

// Who acknowledged first stays.
const ACKNOWLEDGE: &str = concat!(
    "update external_drift
    set acknowledged_at = coalesce(acknowledged_at, now()),
        acknowledged_by = coalesce(acknowledged_by, $3)
    where client_name = $1 and external_drift_id = $2::uuid
    returning ",
    columns!()
);

impl Store {
    /// Differences are there. True when they were not there a moment ago.
    pub async fn see_drift(
        &self,
        client: &str,
        resource: &str,
        fingerprint: &str,
        diffs: &Value,
    ) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar(SEE).bind(client).bind(resource).bind(fingerprint);
        Ok(query.bind(diffs.to_string()).fetch_one(&self.pool).await?)
    }

    /// Differences that are there no longer: all of the resource, or all but those.
    pub async fn resolve_drift(
        &self,
        client: &str,
        resource: &str,
        but: Option<&str>,
    ) -> Result<Vec<DriftRow>, StoreError> {
        let query = sqlx::query_as(RESOLVE).bind(client).bind(resource).bind(but);
        Ok(query.fetch_all(&self.pool).await?)
    }

    /// Newest first.
    pub async fn drift(&self, client: &str, page: DriftPage) -> Result<Vec<DriftRow>, StoreError> {
        let query = sqlx::query_as(LIST).bind(client).bind(page.only_open);
        let query = query.bind(i64::from(page.limit)).bind(i64::from(page.offset));
        Ok(query.fetch_all(&self.pool).await?)
    }

    /// How many events nobody has acknowledged and that are not gone.
    pub async fn open_drift(&self, client: &str) -> Result<i64, StoreError> {
        let open = "select count(*) from external_drift
            where client_name = $1 and resolved_at is null and acknowledged_at is null";
        Ok(sqlx::query_scalar(open).bind(client).fetch_one(&self.pool).await?)
    }

    /// The event, unless there is no such one of this client.
    pub async fn acknowledge_drift(
        &self,
        client: &str,
        id: Uuid,
        actor: &str,
    ) -> Result<Option<DriftRow>, StoreError> {
        let query = sqlx::query_as(ACKNOWLEDGE).bind(client).bind(id.to_string()).bind(actor);
        Ok(query.fetch_optional(&self.pool).await?)
    }
}
