//! Writes that are done once: a claim before the write, its answer after it.

use crate::{Store, StoreError};
use sqlx::PgConnection;
use uuid::Uuid;

/// Which write: the client it goes to, who sends it, and the key they gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteKey {
    pub client: String,
    pub caller: String,
    pub key: String,
}

/// What is known of a write when it is claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nobody has done it; it is ours to do.
    Ours(ClaimId),
    /// Somebody began and has not finished, here or on another node.
    Unfinished,
    /// The key stands for another request.
    OtherRequest,
    Done(KeptAnswer),
}

/// Proof of a claim. A claim that ran out and was taken over has another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimId(Uuid);

/// The answer the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    pub status: u16,
    pub content_type: Option<String>,
    /// `None` when it was too large to keep.
    pub body: Option<Vec<u8>>,
}

// A claim whose time is over is taken over in the same statement.
const CLAIM: &str = "
    insert into idempotency_keys as kept (client_name, caller, key, request_hash, claim, expires_at)
    values ($1, $2, $3, $4, $5::uuid, now() + interval '24 hours')
    on conflict (client_name, caller, key) do update
    set request_hash = excluded.request_hash, claim = excluded.claim, claimed_at = now(),
        expires_at = excluded.expires_at, finished_at = null, status = null, content_type = null, body = null
    where kept.expires_at <= now()
    returning true";

const KNOWN: &str = "
    select request_hash, status, content_type, body from idempotency_keys
    where client_name = $1 and caller = $2 and key = $3";

// A few that are over go with each that is finished, so that the table stays as small as its traffic.
const FINISH: &str = "
    with over as (
        delete from idempotency_keys where ctid = any(array(
            select ctid from idempotency_keys where expires_at <= now() limit 50 for update skip locked)))
    update idempotency_keys set finished_at = now(), status = $5, content_type = $6, body = $7
    where client_name = $1 and caller = $2 and key = $3 and claim = $4::uuid and finished_at is null";

const RELEASE: &str = "
    delete from idempotency_keys
    where client_name = $1 and caller = $2 and key = $3 and claim = $4::uuid and finished_at is null";

type Known = (Vec<u8>, Option<i32>, Option<String>, Option<Vec<u8>>);

/// Within a transaction: claim a write and keep its answer at once. Answers what was known of it
/// before, when it is not ours.
pub(crate) async fn claim_answered(
    connection: &mut PgConnection,
    write: &WriteKey,
    request_hash: &[u8],
    answer: &KeptAnswer,
) -> Result<Option<Claim>, sqlx::Error> {
    let id = Uuid::new_v4();
    let query = sqlx::query(CLAIM).bind(&write.client).bind(&write.caller).bind(&write.key);
    let query = query.bind(request_hash).bind(id.to_string());
    if query.fetch_optional(&mut *connection).await?.is_none() {
        let query = sqlx::query_as(KNOWN).bind(&write.client).bind(&write.caller).bind(&write.key);
        let known = query.fetch_optional(&mut *connection).await?;
        // Released in between: whoever asks again gets it.
        return Ok(Some(known.map_or(Claim::Unfinished, |known| told(known, request_hash))));
    }
    let query = sqlx::query(FINISH).bind(&write.client).bind(&write.caller).bind(&write.key);
    let query = query.bind(id.to_string()).bind(i32::from(answer.status));
    let query = query.bind(&answer.content_type).bind(&answer.body);
    query.execute(&mut *connection).await?;
    Ok(None)
}

impl Store {
    /// Claim a write, or learn what became of it.
    pub async fn claim(&self, write: &WriteKey, request_hash: &[u8]) -> Result<Claim, StoreError> {
        let id = Uuid::new_v4();
        // Between the two statements a claim may be released; then it is ours the next time.
        for _ in 0..3 {
            let query = sqlx::query(CLAIM).bind(&write.client).bind(&write.caller).bind(&write.key);
            let query = query.bind(request_hash).bind(id.to_string());
            if query.fetch_optional(&self.pool).await?.is_some() {
                return Ok(Claim::Ours(ClaimId(id)));
            }
            if let Some(known) = self.known(write).await? {
                return Ok(told(known, request_hash));
            }
        }
        Ok(Claim::Unfinished)
    }

    /// Keep the answer. False when the claim is no longer ours.
    pub async fn finish_claim(
        &self,
        write: &WriteKey,
        claim: ClaimId,
        answer: &KeptAnswer,
    ) -> Result<bool, StoreError> {
        let query = sqlx::query(FINISH).bind(&write.client).bind(&write.caller).bind(&write.key);
        let query = query.bind(claim.0.to_string()).bind(i32::from(answer.status));
        let query = query.bind(&answer.content_type).bind(&answer.body);
        Ok(query.execute(&self.pool).await?.rows_affected() > 0)
    }

    /// Give a claim back: nothing was written, so the same key may be tried again.
    pub async fn release_claim(&self, write: &WriteKey, claim: ClaimId) -> Result<(), StoreError> {
        let query = sqlx::query(RELEASE).bind(&write.client).bind(&write.caller).bind(&write.key);
        query.bind(claim.0.to_string()).execute(&self.pool).await?;
        Ok(())
    }

    async fn known(&self, write: &WriteKey) -> Result<Option<Known>, StoreError> {
        let query = sqlx::query_as(KNOWN).bind(&write.client).bind(&write.caller).bind(&write.key);
        Ok(query.fetch_optional(&self.pool).await?)
    }
}

fn told((hash, status, content_type, body): Known, request_hash: &[u8]) -> Claim {
    let status = status.and_then(|status| u16::try_from(status).ok());
    match status {
        _ if hash != request_hash => Claim::OtherRequest,
        None => Claim::Unfinished,
        Some(status) => Claim::Done(KeptAnswer { status, content_type, body }),
    }
}
