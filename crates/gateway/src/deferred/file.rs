//! Filing a request: permitted and understood first, then kept.

use super::{
    Deferred, DeferredError, EventKind,
    payload::{About, Kind, Payload, Work},
};
use crate::{
    Gateway,
    access::Visitor,
    error::GatewayError,
    ids::RequestId,
    once::{self, OnceError},
};
use bytes::Bytes;
use query::{ApiResponse, RequestError};
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};
use store::{Filing, KeptAnswer, NewDeferred};

/// Why a request is put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Its sender wants it so.
    Asked,
    /// Too many came at once.
    OverLimit,
}

impl Reason {
    pub fn word(self) -> &'static str {
        match self {
            Self::Asked => "x_athena_defer_header",
            Self::OverLimit => "admission_limit_exceeded",
        }
    }
}

/// A key by which the request is known when it comes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    pub key: String,
    /// Everything that tells one request from another.
    pub parts: Vec<Vec<u8>>,
}

/// A request that is to be put off.
#[derive(Debug, Clone)]
pub struct Deferral {
    pub method: String,
    /// As it is listed, not as it was sent.
    pub route: &'static str,
    pub bytes: usize,
    pub work: Work,
    pub reason: Reason,
    pub repeat: Option<Repeat>,
}

/// What its sender is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Filed {
    New {
        id: String,
        answer: ApiResponse,
    },
    /// It was sent before, and this is what was answered then.
    Again(KeptAnswer),
}

impl Gateway {
    /// Put a request off, if it may be made at all. `None` without a queue.
    pub async fn defer(
        &self,
        visitor: &Visitor,
        deferral: Deferral,
    ) -> Result<Option<Filed>, GatewayError> {
        let Some(deferred) = self.deferred() else { return Ok(None) };
        let limit = deferred.settings().body_limit;
        if deferral.bytes > limit {
            return Err(DeferredError::TooLarge { limit }.into());
        }
        let table = match &deferral.work {
            Work::Data(raw) => self.check(visitor, raw).await?,
            Work::Query(raw) => {
                self.check_sql(visitor, raw).await?;
                None
            }
        };
        deferred.file(visitor, deferral, table).await.map(Some)
    }
}

impl Deferred {
    async fn file(
        &self,
        visitor: &Visitor,
        deferral: Deferral,
        table: Option<String>,
    ) -> Result<Filed, GatewayError> {
        let kind = deferral.work.kind();
        // Never the caller's own id: whoever can guess it could ask for what came of it.
        let id = RequestId::random().to_string();
        let answer = answer(&id, kind, &deferral);
        let write = deferral.repeat.as_ref();
        let write = write.map(|repeat| once::write_key(visitor, &repeat.key)).transpose()?;
        let hash = deferral.repeat.as_ref().map(|repeat| {
            let parts: Vec<&[u8]> = repeat.parts.iter().map(Vec::as_slice).collect();
            once::hash(&parts)
        });
        let job = new_job(visitor, &id, &deferral, table)?;
        self.make_room(&job.client).await?;
        let kept = KeptAnswer {
            status: answer.status,
            content_type: Some(JSON.to_owned()),
            body: Some(answer.body.to_vec()),
        };
        let keyed = write.as_ref().zip(hash.as_deref());
        let keyed = keyed.map(|(write, hash)| (write, hash, &kept));
        let filing = self.inner.store.file_deferred(&job, keyed).await;
        match filing.map_err(DeferredError::NotFiled)? {
            Filing::Filed => {
                self.inner.events.count(kind, EventKind::Queued);
                Ok(Filed::New { id, answer })
            }
            Filing::Known(claim) => {
                let answer: Result<KeptAnswer, OnceError> = once::answer_of(claim);
                Ok(Filed::Again(answer?))
            }
        }
    }

    async fn make_room(&self, client: &str) -> Result<(), DeferredError> {
        let limit = self.inner.settings.queue_limit;
        let has_room = self.inner.depths.take(&self.inner.store, client, limit).await;
        if has_room.map_err(DeferredError::NotFiled)? {
            return Ok(());
        }
        Err(DeferredError::QueueFull { client: client.to_owned(), limit })
    }
}

const JSON: &str = "application/json";

fn new_job(
    visitor: &Visitor,
    id: &str,
    deferral: &Deferral,
    table: Option<String>,
) -> Result<NewDeferred, GatewayError> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let about = About {
        request_id: id,
        client: visitor.client().as_str(),
        table,
        reason: deferral.reason.word(),
        at_unix_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
    };
    let payload =
        Payload::of(&deferral.work, about).and_then(|payload| serde_json::to_string(&payload));
    Ok(NewDeferred {
        request_id: id.to_owned(),
        method: deferral.method.clone(),
        route: deferral.route.to_owned(),
        client: visitor.client().to_string(),
        bytes: deferral.bytes,
        payload: payload.map_err(RequestError::InvalidJson)?,
        reason: deferral.reason.word(),
        caller: once::caller_word(visitor.caller().credential()),
    })
}

fn answer(id: &str, kind: Kind, deferral: &Deferral) -> ApiResponse {
    let mut data = json!({ "request_id": id, "status": "queued", "route": deferral.route });
    if deferral.reason == Reason::OverLimit {
        data["deferred_reason"] = deferral.reason.word().into();
    }
    let body = json!({
        "status": "success",
        "message": format!("{} queued for deferred execution", kind.noun()),
        "data": data,
    });
    let headers = vec![("content-type", JSON.into()), ("cache-control", "no-store".into())];
    ApiResponse { status: 202, headers, body: Bytes::from(body.to_string()) }
}
