//! What can go wrong, from the settings to the last row.

use serde_json::{Map, Value};
use std::time::Duration;

/// Every way in which a call can fail.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("the setting {setting} cannot be used: {reason}")]
    Setting { setting: &'static str, reason: String },

    /// Nothing was sent.
    #[error("the request was not sent: {reason}")]
    Incomplete { reason: String },

    /// Nothing was sent.
    #[error("{what} cannot be written as JSON")]
    NotJson {
        what: String,
        #[source]
        source: serde_json::Error,
    },

    #[error("{0}")]
    Refused(Box<Refusal>),

    /// The gateway could not be reached, or hung up before it answered.
    #[error("the gateway could not be reached (request {request_id})")]
    Connection {
        request_id: String,
        #[source]
        source: reqwest::Error,
    },

    /// Whether the gateway did its work is not known.
    #[error("no answer within {after:?} (request {request_id})")]
    TimedOut { after: Duration, request_id: String },

    #[error("the answer (status {status}) is not one of a gateway: {reason}")]
    Unreadable { status: u16, reason: String },

    #[error("the {what} is over the limit of {limit} bytes")]
    TooLarge { what: &'static str, limit: usize },

    /// The connection ended in the middle of an answer.
    #[error("the answer ended before it was whole")]
    Truncated {
        #[source]
        source: Option<reqwest::Error>,
    },

    #[error("the rows do not have the shape that was asked for")]
    Decode {
        #[source]
        source: serde_json::Error,
    },

    #[error("one row was asked for, {found} came")]
    NotOneRow { found: usize },

    /// The gateway put the request into its queue, although nobody asked for that.
    #[error("the request was queued as {id} instead of being answered")]
    Queued { id: String },

    /// The gateway did the work at once, although it was asked to queue it.
    #[error("the request was carried out at once (status {status}) instead of being queued")]
    NotQueued { status: u16 },

    #[error("the deferred request {id} failed: {message}")]
    DeferredFailed { id: String, message: String },
}

/// The gateway's own words about a request it did not carry out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message} ({code}, status {status}, request {request_id})")]
#[non_exhaustive]
pub struct Refusal {
    pub status: u16,
    /// Stable, lower snake case; `http_502` and the like when something in between answered.
    pub code: String,
    pub message: String,
    pub details: Map<String, Value>,
    pub hint: Option<String>,
    /// What to look for in the gateway's log.
    pub trace_id: Option<String>,
    pub request_id: String,
    /// How long the gateway asked to be left alone.
    pub retry_after: Option<Duration>,
}

impl Error {
    /// What the gateway said, when it said something.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The gateway's code: `unknown_column`, `unique_violation`, …
    pub fn code(&self) -> Option<&str> {
        self.refusal().map(|refusal| refusal.code.as_str())
    }

    /// The HTTP status, when there was an answer that could not be used.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Unreadable { status, .. } | Self::NotQueued { status } => Some(*status),
            _ => self.refusal().map(|refusal| refusal.status),
        }
    }

    pub fn trace_id(&self) -> Option<&str> {
        self.refusal()?.trace_id.as_deref()
    }

    /// Whether the same call may well succeed a moment later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Connection { .. } => true,
            Self::Truncated { source } => source.is_some(),
            Self::Refused(refusal) => matches!(refusal.status, 429 | 502 | 503 | 504),
            _ => false,
        }
    }

    pub(crate) fn setting(setting: &'static str, reason: impl Into<String>) -> Self {
        Self::Setting { setting, reason: reason.into() }
    }

    pub(crate) fn incomplete(reason: impl Into<String>) -> Self {
        Self::Incomplete { reason: reason.into() }
    }
}
