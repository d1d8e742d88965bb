//! How an attempt ended, and what people do with requests afterwards.

use super::{DeferredStatus, micros, status};
use crate::{Store, StoreError};
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub enum DeferredEnd {
    Completed {
        summary: Value,
        status: u16,
        result: Option<Vec<u8>>,
    },
    /// Again after this pause. An attempt that was none does not count.
    Again {
        after: Duration,
        counts: bool,
        code: String,
        message: String,
        keeps_mark: bool,
    },
    Dead {
        code: String,
        message: String,
    },
}

const COMPLETED: &str = "
    update gateway_deferred_request_queue
    set status = 'completed', updated_at = now(), completed_at = now(), lease_owner = null, lease_until = null,
        error_code = null, error_message = null, result_summary = $3::jsonb, result_status = $4, result = $5
    where request_id = $2 and status = 'running' and lease_owner = $1::uuid";

const AGAIN: &str = "
    update gateway_deferred_request_queue
    set status = 'queued', updated_at = now(), lease_owner = null, lease_until = null,
        next_attempt_at = now() + $3::bigint * interval '1 microsecond',
        attempts = case when $4 then attempts else greatest(attempts - 1, 0) end,
        error_code = $5, error_message = $6, mark = case when $7 then mark end
    where request_id = $2 and status = 'running' and lease_owner = $1::uuid";

const DEAD: &str = "
    update gateway_deferred_request_queue
    set status = 'dead_letter', updated_at = now(), completed_at = now(), lease_owner = null, lease_until = null,
        error_code = $3, error_message = $4
    where request_id = $2 and status = 'running' and lease_owner = $1::uuid";

const REQUEUE: &str = "
    update gateway_deferred_request_queue
    set status = 'queued', updated_at = now(), next_attempt_at = now(), attempts = 0, completed_at = null,
        error_code = null, error_message = null, result_summary = null, result_status = null, result = null, mark = null
    where request_id = $1 and status in ('completed', 'dead_letter', 'cancelled')";

const CANCEL: &str = "
    update gateway_deferred_request_queue
    set status = 'cancelled', updated_at = now(), completed_at = now()
    where request_id = $1 and status = 'queued'";

// A few of each kind at a time, so that the table is never held for long.
const FORGET: &str = "
    delete from gateway_deferred_request_queue where request_id = any(array(
        select request_id from gateway_deferred_request_queue
        where completed_at < now() - case when status = 'dead_letter' then $2::bigint else $1::bigint end * interval '1 microsecond'
            and status in ('completed', 'cancelled', 'dead_letter')
        limit 5000))";

impl Store {
    /// Write down how it ended. False when the lease was lost: then somebody else has it.
    pub async fn end_deferred(
        &self,
        owner: Uuid,
        id: &str,
        end: &DeferredEnd,
    ) -> Result<bool, StoreError> {
        let query = match end {
            DeferredEnd::Completed { .. } => sqlx::query(COMPLETED),
            DeferredEnd::Again { .. } => sqlx::query(AGAIN),
            DeferredEnd::Dead { .. } => sqlx::query(DEAD),
        };
        let query = query.bind(owner.to_string()).bind(id);
        let query = match end {
            DeferredEnd::Completed { summary, status, result } => {
                query.bind(summary.to_string()).bind(i32::from(*status)).bind(result)
            }
            DeferredEnd::Again { after, counts, code, message, keeps_mark } => {
                query.bind(micros(*after)).bind(counts).bind(code).bind(message).bind(keeps_mark)
            }
            DeferredEnd::Dead { code, message } => query.bind(code).bind(message),
        };
        Ok(query.execute(&self.pool).await?.rows_affected() == 1)
    }

    /// Do it again from the beginning. Answers how far it was; `None` when there is no such request.
    pub async fn requeue_deferred(
        &self,
        id: &str,
    ) -> Result<Option<(bool, DeferredStatus)>, StoreError> {
        let done = sqlx::query(REQUEUE).bind(id).execute(&self.pool).await?.rows_affected() == 1;
        if done {
            self.announce(crate::Topic::Deferred).await?;
            return Ok(Some((true, DeferredStatus::Queued)));
        }
        Ok(self.deferred_status(id).await?.map(|status| (false, status)))
    }

    /// Do it no more, if it has not begun.
    pub async fn cancel_deferred(
        &self,
        id: &str,
    ) -> Result<Option<(bool, DeferredStatus)>, StoreError> {
        let done = sqlx::query(CANCEL).bind(id).execute(&self.pool).await?.rows_affected() == 1;
        if done {
            return Ok(Some((true, DeferredStatus::Cancelled)));
        }
        Ok(self.deferred_status(id).await?.map(|status| (false, status)))
    }

    /// Remove what ended so long ago; answers how many that were.
    pub async fn forget_deferred(&self, done: Duration, dead: Duration) -> Result<u64, StoreError> {
        let query = sqlx::query(FORGET).bind(micros(done)).bind(micros(dead));
        Ok(query.execute(&self.pool).await?.rows_affected())
    }

    async fn deferred_status(&self, id: &str) -> Result<Option<DeferredStatus>, StoreError> {
        let found: Option<(String,)> = sqlx::query_as(
            "select status from gateway_deferred_request_queue where request_id = $1",
        )
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        Ok(found.map(|(word,)| status(&word)))
    }
}
