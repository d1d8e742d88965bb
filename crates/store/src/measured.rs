//! What is measured of the store, and what only the store can tell.

use crate::{Store, StoreError};
use std::collections::HashMap;

/// What was done in the last 24 hours, on all nodes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayTotals {
    /// Requests for registered clients.
    pub requests: u64,
    /// Changes of structure, made or tried.
    pub mutations: u64,
}

/// The connections to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorePool {
    pub limit: u32,
    pub open: u32,
    pub idle: u32,
}

// Whole minutes, which are few; nothing is counted row by row.
const DAY: &str = "
    select (select coalesce(sum(requests), 0)::bigint from statistics_request_counts
            where minute > now() - interval '24 hours'),
           (select count(*) from management_audit where created_at > now() - interval '24 hours')";

const OPEN_DRIFT: &str = "
    select client_name, count(*) from external_drift
    where resolved_at is null and acknowledged_at is null group by client_name";

// One step into an index for each client.
const LAST_SEEN: &str = "
    select name, to_char(seen at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')
    from unnest($1::text[]) as wanted (name),
        lateral (select max(last_at) as seen from statistics_request_counts
                 where client_name = name and minute = '-infinity') as counts
    where seen is not null";

impl Store {
    /// When each of these clients was asked last, as far as requests are counted.
    pub async fn last_seen(&self, clients: &[&str]) -> Result<HashMap<String, String>, StoreError> {
        let rows: Vec<(String, String)> =
            sqlx::query_as(LAST_SEEN).bind(clients).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().collect())
    }

    pub async fn day_totals(&self) -> Result<DayTotals, StoreError> {
        let (requests, mutations): (i64, i64) = sqlx::query_as(DAY).fetch_one(&self.pool).await?;
        let count = |count: i64| u64::try_from(count).unwrap_or_default();
        Ok(DayTotals { requests: count(requests), mutations: count(mutations) })
    }

    /// Drift that is neither gone nor acknowledged, by client.
    pub async fn open_drift_by_client(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(OPEN_DRIFT).fetch_all(&self.pool).await?;
        let count =
            |(client, count): (String, i64)| (client, u64::try_from(count).unwrap_or_default());
        Ok(rows.into_iter().map(count).collect())
    }

    pub fn pool_report(&self) -> StorePool {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        StorePool { limit: Self::MAX_CONNECTIONS, open: self.pool.size(), idle }
    }
}
