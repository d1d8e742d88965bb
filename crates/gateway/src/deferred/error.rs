//! Why a request cannot be put off, or one that was cannot be found, repeated or taken back.

use api_types::Problem;
use store::{DeferredStatus, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum DeferredError {
    #[error("{limit} requests of {client} wait already")]
    QueueFull { client: String, limit: u64 },
    #[error("a body over {limit} bytes is not put off")]
    TooLarge { limit: usize },
    #[error("the request could not be filed")]
    NotFiled(#[source] StoreError),
    #[error("the queue cannot be read")]
    Unreadable(#[source] StoreError),
    #[error("the queue cannot be changed")]
    Unchangeable(#[source] StoreError),
    #[error("there is no such deferred request")]
    NotFound,
    #[error("a request that is {} is not repeated", status.word())]
    NotRequeueable { status: DeferredStatus },
    #[error("a request that is {} is not taken back", status.word())]
    NotCancellable { status: DeferredStatus },
    #[error("there is no answer of this request")]
    NoResult,
}

impl DeferredError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::QueueFull { client, limit } => {
                let text = format!("Too many deferred requests of client '{client}' wait already");
                Problem::new(429, "deferred_queue_full", text)
                    .with_detail("client", client.as_str())
                    .with_detail("limit", *limit)
                    .with_detail("retry_after_seconds", 1)
                    .with_hint("Send it again when some of them are done.")
            }
            Self::TooLarge { limit } => {
                let text = format!("A request over {limit} bytes cannot be deferred");
                Problem::new(413, "body_too_large", text).with_detail("limit_bytes", *limit)
            }
            Self::NotFiled(_) => {
                Problem::new(503, "deferred_enqueue_unavailable", "Deferred queue unavailable")
                    .with_hint("Nothing was filed; try again shortly.")
            }
            Self::Unreadable(_) => {
                Problem::new(503, "deferred_status_unavailable", "Deferred status unavailable")
                    .with_hint("Try again shortly.")
            }
            Self::Unchangeable(_) => {
                Problem::new(503, "deferred_queue_unavailable", "Deferred queue unavailable")
                    .with_hint("Nothing was changed; try again shortly.")
            }
            Self::NotFound => Problem::new(404, "deferred_not_found", "Deferred request not found"),
            Self::NotRequeueable { status } => {
                Problem::new(409, "deferred_not_requeueable", "Deferred request is not requeueable")
                    .with_detail("status", status.word())
            }
            Self::NotCancellable { status } => {
                let text = "Only a deferred request that is queued can be cancelled";
                Problem::new(409, "deferred_not_cancellable", text)
                    .with_detail("status", status.word())
            }
            Self::NoResult => {
                let text = "This deferred request has no answer that is kept";
                Problem::new(404, "deferred_no_result", text)
                    .with_hint("Its status says whether it is done; large answers are not kept.")
            }
        }
    }
}
