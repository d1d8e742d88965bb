//! Claiming work, and keeping the claim for as long as the work goes on.

use super::micros;
use crate::{Store, StoreError};
use std::time::Duration;
use uuid::Uuid;

const CLAIM: &str = include_str!("claim.sql");

/// A request that is ours to do until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeferredJob {
    pub request_id: String,
    pub route: String,
    pub client: String,
    pub payload: String,
    /// This one included.
    pub attempts: u32,
    pub caller: String,
    pub is_keyed: bool,
    /// What an earlier attempt noted before it wrote.
    pub mark: Option<String>,
}

type Claimed = (String, String, String, String, i32, String, bool, Option<String>);

impl Store {
    /// Take what is due, the oldest first, but nothing of these clients.
    pub async fn claim_deferred(
        &self,
        owner: Uuid,
        most: usize,
        except: &[String],
        lease: Duration,
    ) -> Result<Vec<DeferredJob>, StoreError> {
        let claimed: Vec<Claimed> = sqlx::query_as(CLAIM)
            .bind(owner.to_string())
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .bind(except)
            .bind(micros(lease))
            .fetch_all(&self.pool)
            .await?;
        Ok(claimed.into_iter().map(job).collect())
    }

    /// Go on holding these; answers the ones that are still ours.
    pub async fn renew_deferred(
        &self,
        owner: Uuid,
        ids: &[String],
        lease: Duration,
    ) -> Result<Vec<String>, StoreError> {
        let held: Vec<(String,)> = sqlx::query_as(
            "update gateway_deferred_request_queue
             set lease_until = now() + $3::bigint * interval '1 microsecond'
             where request_id = any($2) and status = 'running' and lease_owner = $1::uuid
             returning request_id",
        )
        .bind(owner.to_string())
        .bind(ids)
        .bind(micros(lease))
        .fetch_all(&self.pool)
        .await?;
        Ok(held.into_iter().map(|(id,)| id).collect())
    }

    /// Queue again what nobody holds any more: whoever had it is gone.
    pub async fn reclaim_deferred(&self) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "update gateway_deferred_request_queue
             set status = 'queued', next_attempt_at = now(), updated_at = now(), lease_owner = null, lease_until = null
             where request_id = any(array(
                 select request_id from gateway_deferred_request_queue
                 where status = 'running' and lease_until < now() limit 1000 for update skip locked))",
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }

    /// Give back what was begun and is not finished, as if it had not been tried.
    pub async fn release_deferred(&self, owner: Uuid) -> Result<(), StoreError> {
        sqlx::query(
            "with released as (
                 update gateway_deferred_request_queue
                 set status = 'queued', next_attempt_at = now(), updated_at = now(),
                     attempts = greatest(attempts - 1, 0), lease_owner = null, lease_until = null
                 where status = 'running' and lease_owner = $1::uuid
                 returning 1)
             select pg_notify('athena_changes', 'deferred') from released limit 1",
        )
        .bind(owner.to_string())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Note what a write goes by before it can be committed. False when the lease is lost.
    pub async fn mark_deferred(
        &self,
        owner: Uuid,
        id: &str,
        mark: Option<&str>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update gateway_deferred_request_queue set mark = $3
             where request_id = $2 and status = 'running' and lease_owner = $1::uuid",
        )
        .bind(owner.to_string())
        .bind(id)
        .bind(mark)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn job(claimed: Claimed) -> DeferredJob {
    let (request_id, route, client, payload, attempts, caller, is_keyed, mark) = claimed;
    let attempts = u32::try_from(attempts).unwrap_or(0);
    DeferredJob { request_id, route, client, payload, attempts, caller, is_keyed, mark }
}
