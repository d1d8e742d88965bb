//! What a deferred write goes by, noted with the request before the write can be committed.

use super::Deferred;
use async_trait::async_trait;
use backend::{Mark, Marks, NotNoted};
use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

/// What a note reads when nobody can say how the write ended.
const BLIND: &str = "blind";
/// What stands before a transaction's number.
pub(super) const TRANSACTION: &str = "txn:";

/// Notes what a request's write goes by, as long as the request is ours.
pub(super) struct Noted {
    deferred: Deferred,
    id: String,
    last: Mutex<Option<String>>,
}

impl Noted {
    pub(super) fn new(deferred: Deferred, id: String) -> Self {
        Self { deferred, id, last: Mutex::default() }
    }

    pub(super) fn last(&self) -> Option<String> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Noted").field("id", &self.id).finish_non_exhaustive()
    }
}

#[async_trait]
impl Marks for Noted {
    async fn note(&self, mark: Mark) -> Result<(), NotNoted> {
        let text = match mark {
            Mark::Transaction(id) => format!("{TRANSACTION}{id}"),
            Mark::Blind => BLIND.to_owned(),
        };
        let inner = &self.deferred.inner;
        let kept = inner.store.mark_deferred(inner.owner, &self.id, Some(&text)).await;
        match kept {
            Ok(true) => {
                *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
                Ok(())
            }
            // The lease is lost: somebody else does it.
            Ok(false) => Err(NotNoted),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    request_id = self.id,
                    "a deferred write could not be noted"
                );
                Err(NotNoted)
            }
        }
    }
}
