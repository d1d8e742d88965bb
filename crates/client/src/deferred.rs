//! Requests the gateway does later.

use crate::{Athena, Error, draft::Draft};
use reqwest::{Method, Url};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const FIRST_LOOK: Duration = Duration::from_millis(50);
const LONGEST_BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// A request in the gateway's queue. Its id can be kept and asked about later.
#[derive(Debug, Clone)]
#[must_use]
pub struct DeferredHandle {
    athena: Athena,
    id: String,
}

/// How far a deferred request has come.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct DeferredStatus {
    pub request_id: String,
    #[serde(rename = "status")]
    pub state: DeferredState,
    #[serde(default)]
    pub route: Option<String>,
    #[serde(default)]
    pub attempts: Option<u32>,
    /// The code of what went wrong, as answers have it.
    #[serde(default)]
    pub error_code: Option<String>,
    #[serde(default)]
    pub error_message: Option<String>,
    /// What came of it: row counts and the first rows.
    #[serde(default)]
    pub result_summary: Option<Value>,
    #[serde(default)]
    pub created_at: Option<String>,
    #[serde(default)]
    pub updated_at: Option<String>,
    #[serde(default)]
    pub completed_at: Option<String>,
    #[serde(default)]
    pub next_attempt_at: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeferredState {
    Queued,
    Running,
    Completed,
    /// Given up after its last attempt.
    #[serde(alias = "failed")]
    DeadLetter,
    /// Taken back before it began.
    Cancelled,
    /// A word this client does not know yet.
    #[serde(untagged)]
    Other(String),
}

impl DeferredHandle {
    pub(crate) fn new(athena: Athena, id: String) -> Self {
        Self { athena, id }
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// How far it has come.
    ///
    /// # Errors
    /// As every call; a refusal with status 404 when the gateway does not know the id.
    pub async fn status(&self) -> Result<DeferredStatus, Error> {
        Draft::read(self.athena.clone(), Method::GET, self.path("")?).send().await?.data()
    }

    /// Wait until it is done.
    ///
    /// # Errors
    /// [`Error::DeferredFailed`] when the gateway gave up, or somebody cancelled it; [`Error::TimedOut`] when it is still
    /// not done after `patience`, in which case it goes on without us.
    pub async fn wait(&self, patience: Duration) -> Result<DeferredStatus, Error> {
        let begun = Instant::now();
        let mut pause = FIRST_LOOK;
        loop {
            let status = self.status().await?;
            match status.state {
                DeferredState::Completed => return Ok(status),
                DeferredState::DeadLetter | DeferredState::Cancelled => return Err(failed(status)),
                DeferredState::Queued | DeferredState::Running | DeferredState::Other(_) => {}
            }
            let left = patience.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Err(Error::TimedOut { after: patience, request_id: self.id.clone() });
            }
            sleep(pause.min(left)).await;
            pause = (pause * 2).min(LONGEST_BETWEEN_LOOKS);
        }
    }

    /// Do it again; what it did the first time is not undone.
    ///
    /// # Errors
    /// As every call; a refusal with status 409 while it is queued or running.
    pub async fn requeue(&self) -> Result<(), Error> {
        let draft = Draft::write(self.athena.clone(), Method::POST, self.path("/requeue")?);
        draft.send().await.map(drop)
    }

    /// Do it no more.
    ///
    /// # Errors
    /// As every call; a refusal with status 409 when it has begun or is over.
    pub async fn cancel(&self) -> Result<(), Error> {
        let draft = Draft::write(self.athena.clone(), Method::POST, self.path("/cancel")?);
        draft.send().await.map(drop)
    }

    /// What it was answered with: its `data`, as if it had been done at once.
    ///
    /// # Errors
    /// As every call; a refusal with status 404 when it is not done, or its answer was too large
    /// to keep.
    pub async fn result<T: DeserializeOwned>(&self) -> Result<T, Error> {
        Draft::read(self.athena.clone(), Method::GET, self.path("/result")?).send().await?.data()
    }

    fn path(&self, end: &str) -> Result<String, Error> {
        // Whatever the id holds, it stays one segment of the path.
        let mut url = Url::parse("http://x/gateway/deferred").expect("a fixed address");
        let fits = !matches!(self.id.as_str(), "" | "." | "..");
        match url.path_segments_mut() {
            Ok(mut segments) if fits => segments.push(&self.id),
            _ => return Err(Error::incomplete("this is not the id of a deferred request")),
        };
        Ok(format!("{}{end}", url.path()))
    }
}

fn failed(status: DeferredStatus) -> Error {
    let silent = match status.state {
        DeferredState::Cancelled => "it was cancelled",
        _ => "no reason was given",
    };
    let message = status.error_message.unwrap_or_else(|| silent.to_owned());
    Error::DeferredFailed { id: status.request_id, message }
}
