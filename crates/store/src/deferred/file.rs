//! Filing: the request and, when it carries a key, the memory of that key, in one transaction.

use crate::{
    Store, StoreError,
    once::{self, Claim, KeptAnswer, WriteKey},
};

/// A request to be done later, ready to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeferred {
    pub request_id: String,
    pub method: String,
    pub route: String,
    pub client: String,
    pub bytes: usize,
    /// JSON.
    pub payload: String,
    pub reason: &'static str,
    /// In whose name it is done.
    pub caller: String,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filing {
    Filed,
    /// Its key was used before: nothing was filed.
    Known(Claim),
}

const INSERT: &str = "
    insert into gateway_deferred_request_queue
        (request_id, method, route, client_name, request_bytes, payload, deferred_reason, caller, idempotency_key)
    values ($1, $2, $3, $4, $5, $6::json, $7, $8, $9)";

impl Store {
    /// Keep it. With a key, the answer is kept under that key as the answer of a write is, so that
    /// the request is neither filed nor done a second time, whichever way it comes again.
    pub async fn file_deferred(
        &self,
        job: &NewDeferred,
        keyed: Option<(&WriteKey, &[u8], &KeptAnswer)>,
    ) -> Result<Filing, StoreError> {
        let mut transaction = self.begin().await?;
        if let Some((write, hash, answer)) = keyed {
            let claimed = once::claim_answered(&mut transaction, write, hash, answer).await?;
            if let Some(known) = claimed {
                return Ok(Filing::Known(known));
            }
        }
        sqlx::query(INSERT)
            .bind(&job.request_id)
            .bind(&job.method)
            .bind(&job.route)
            .bind(&job.client)
            .bind(i64::try_from(job.bytes).unwrap_or(i64::MAX))
            .bind(&job.payload)
            .bind(job.reason)
            .bind(&job.caller)
            .bind(keyed.map(|(write, _, _)| write.key.as_str()))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Filing::Filed)
    }

    /// How many of a client's requests are not done yet.
    pub async fn deferred_depth(&self, client: &str) -> Result<u64, StoreError> {
        let (depth,): (i64,) = sqlx::query_as(
            "select count(*) from gateway_deferred_request_queue
             where client_name = $1 and status in ('queued', 'running')",
        )
        .bind(client)
        .fetch_one(&self.pool)
        .await?;
        Ok(u64::try_from(depth).unwrap_or(0))
    }
}
