//! Writes that carry a key are done once, on whichever node they arrive, and answered alike again.

use crate::{Gateway, access::Visitor};
use api_types::Problem;
use auth::Credential;
use sha2::{Digest, Sha256};
use store::{Claim, ClaimId, KeptAnswer, Store, StoreError, WriteKey};

/// The longest key that is taken.
const LONGEST_KEY: usize = 255;

/// The largest answer that is kept.
const LARGEST_ANSWER: usize = 4 << 20;

/// Why a write with a key is not begun. Nothing was written for any of these reasons.
#[derive(Debug, thiserror::Error)]
pub enum OnceError {
    #[error("the key of this write is not 1 to 255 visible characters")]
    BadKey,
    #[error("the key stands for another request")]
    OtherRequest,
    #[error("the write with this key is not finished")]
    Unfinished,
    #[error("the write with this key is done, and its answer was too large to keep")]
    AnswerNotKept { status: u16 },
    #[error("the memory of keyed writes cannot be asked")]
    Store(#[source] StoreError),
}

impl OnceError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::BadKey => Problem::new(
                400,
                "invalid_header",
                "Idempotency-Key must be 1 to 255 visible ASCII characters",
            )
            .with_detail("header", "idempotency-key"),
            Self::OtherRequest => Problem::new(
                409,
                "idempotency_key_conflict",
                "This Idempotency-Key was sent with another request",
            )
            .with_hint("Use a new key for a new write."),
            Self::Unfinished => Problem::new(
                409,
                "idempotency_in_progress",
                "The write with this Idempotency-Key has begun and is not finished",
            )
            .with_hint("Send it again in a moment; it will not be done twice."),
            Self::AnswerNotKept { status } => Problem::new(
                409,
                "idempotency_answer_not_kept",
                "The write with this Idempotency-Key is done; its answer was too large to keep",
            )
            .with_detail("status", *status),
            Self::Store(_) => Problem::new(
                503,
                "idempotency_unavailable",
                "Whether this Idempotency-Key was used before cannot be found out now",
            )
            .with_hint("Nothing was written; try again shortly."),
        }
    }
}

/// The memory of keyed writes.
#[derive(Debug, Clone)]
pub struct Once {
    store: Store,
}

/// What to do about a keyed write.
#[derive(Debug)]
pub enum Turn {
    /// Do it, then [`finish`](Claimed::finish) or [`release`](Claimed::release).
    Do(Claimed),
    /// It was done before.
    Again(KeptAnswer),
}

/// A write that is ours to do.
#[derive(Debug)]
pub struct Claimed {
    store: Store,
    write: WriteKey,
    id: ClaimId,
}

impl Gateway {
    /// The memory of keyed writes; `None` without a store.
    pub fn once(&self) -> Option<&Once> {
        self.access().once()
    }
}

impl Once {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Claim the write, unless it was claimed before. `parts` are everything that tells one request from another.
    pub async fn begin(
        &self,
        visitor: &Visitor,
        key: &str,
        parts: &[&[u8]],
    ) -> Result<Turn, OnceError> {
        let write = write_key(visitor, key)?;
        let claim = self.store.claim(&write, &hash(parts)).await.map_err(OnceError::Store)?;
        match claim {
            Claim::Ours(id) => Ok(Turn::Do(Claimed { store: self.store.clone(), write, id })),
            known => answer_of(known).map(Turn::Again),
        }
    }
}

pub(crate) fn write_key(visitor: &Visitor, key: &str) -> Result<WriteKey, OnceError> {
    let fits = (1..=LONGEST_KEY).contains(&key.len());
    if !fits || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(OnceError::BadKey);
    }
    Ok(WriteKey {
        client: visitor.client().to_string(),
        caller: caller_word(visitor.caller().credential()),
        key: key.to_owned(),
    })
}

/// What a write was answered with that is not ours to do.
pub(crate) fn answer_of(claim: Claim) -> Result<KeptAnswer, OnceError> {
    match claim {
        Claim::OtherRequest => Err(OnceError::OtherRequest),
        Claim::Ours(_) | Claim::Unfinished => Err(OnceError::Unfinished),
        Claim::Done(KeptAnswer { status, body: None, .. }) => {
            Err(OnceError::AnswerNotKept { status })
        }
        Claim::Done(answer) => Ok(answer),
    }
}

impl Claimed {
    /// Keep the answer. When that fails the claim stays, and the write is not done again.
    pub async fn finish(self, status: u16, content_type: Option<String>, body: &[u8]) {
        let body = (body.len() <= LARGEST_ANSWER).then(|| body.to_vec());
        let answer = KeptAnswer { status, content_type, body };
        let kept = self.store.finish_claim(&self.write, self.id, &answer).await;
        if let Err(error) = kept {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the answer of a keyed write was not kept"
            );
        }
    }

    /// Nothing was written: the key may be used again.
    pub async fn release(self) {
        if let Err(error) = self.store.release_claim(&self.write, self.id).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a keyed write was not given back"
            );
        }
    }
}

/// One caller's answers are not for another.
pub(crate) fn caller_word(credential: &Credential) -> String {
    match credential {
        Credential::Anonymous => "anonymous".to_owned(),
        Credential::Key { id, .. } => format!("key:{}", id.0),
        Credential::Admin => "admin".to_owned(),
        Credential::Person { user_id } => format!("person:{user_id}"),
        Credential::Token { .. } => "token".to_owned(),
        Credential::System => "system".to_owned(),
    }
}

pub(crate) fn hash(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}
