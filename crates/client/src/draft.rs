//! A request on its way to being sent, and what all requests have in common.

use crate::{Athena, DeferredHandle, Error, Filter, answer::Answer, stream::RowStream};
use reqwest::{Method, header::HeaderValue};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::time::Duration;

/// Whether a request may go out a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It changes nothing.
    Freely,
    /// It changes something: only under a key by which the gateway knows it again.
    WithKey,
}

/// What a caller may set for one call.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) timeout: Option<Duration>,
    pub(crate) request_id: Option<HeaderValue>,
    pub(crate) idempotency_key: Option<HeaderValue>,
    pub(crate) skips_cache: bool,
    /// How long an insert may wait for others.
    pub(crate) insert_window: Option<Duration>,
}

/// A request while it is being written. The first fault is kept and told when it would be sent.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) athena: Athena,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Option<Map<String, Value>>,
    pub(crate) conditions: Vec<Value>,
    pub(crate) repeat: Repeat,
    pub(crate) options: Options,
    fault: Option<Error>,
}

impl Draft {
    pub(crate) fn read(athena: Athena, method: Method, path: impl Into<String>) -> Self {
        Self {
            athena,
            method,
            path: path.into(),
            body: None,
            conditions: Vec::new(),
            repeat: Repeat::Freely,
            options: Options::default(),
            fault: None,
        }
    }

    pub(crate) fn write(athena: Athena, method: Method, path: impl Into<String>) -> Self {
        Self { repeat: Repeat::WithKey, ..Self::read(athena, method, path) }
    }

    pub(crate) fn put(&mut self, key: &str, value: impl Serialize) {
        if let Some(value) = self.json(key, value) {
            self.body.get_or_insert_default().insert(key.to_owned(), value);
        }
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.body.as_ref().is_some_and(|body| body.contains_key(key))
    }

    /// The value as JSON; a value that is none is the draft's fault.
    pub(crate) fn json(&mut self, what: &str, value: impl Serialize) -> Option<Value> {
        let written = to_json(what, value);
        written.map_err(|fault| self.fail(fault)).ok()
    }

    pub(crate) fn filter(&mut self, filter: Filter) {
        match filter.0 {
            Ok(condition) => self.conditions.push(condition),
            Err(fault) => self.fail(fault),
        }
    }

    pub(crate) fn fail(&mut self, fault: Error) {
        self.fault.get_or_insert(fault);
    }

    pub(crate) fn header(&mut self, name: &'static str, value: &str) -> Option<HeaderValue> {
        let value = value.trim();
        let parsed = HeaderValue::from_str(value).ok().filter(|_| !value.is_empty());
        if parsed.is_none() {
            self.fail(Error::setting(name, format!("{value:?} cannot be sent in a header")));
        }
        parsed
    }

    /// The draft with its conditions in place, or its first fault.
    pub(crate) fn finish(mut self) -> Result<Self, Error> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        if !self.conditions.is_empty() {
            let conditions = std::mem::take(&mut self.conditions);
            let key = if self.path == crate::rpc::PATH { "filters" } else { "conditions" };
            self.put(key, conditions);
        }
        Ok(self)
    }

    pub(crate) async fn send(self) -> Result<Answer, Error> {
        let draft = self.finish()?;
        let answer = draft.athena.whole(&draft, false).await?;
        match answer.queued_id() {
            Some(id) => Err(Error::Queued { id }),
            None => Ok(answer),
        }
    }

    pub(crate) async fn defer(self) -> Result<DeferredHandle, Error> {
        let mut draft = self.finish()?;
        // Queueing twice would do the work twice, so even a read is repeated only under a key.
        draft.repeat = Repeat::WithKey;
        let answer = draft.athena.whole(&draft, true).await?;
        let id = answer.queued_id().ok_or(Error::NotQueued { status: answer.status })?;
        Ok(DeferredHandle::new(draft.athena, id))
    }

    pub(crate) async fn stream<T>(self) -> Result<RowStream<T>, Error>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let draft = self.finish()?;
        Ok(RowStream::over(draft.athena.open(&draft).await?))
    }
}

pub(crate) fn to_json(what: &str, value: impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|source| Error::NotJson { what: what.to_owned(), source })
}

/// The row as a JSON object.
pub(crate) fn to_row(row: impl Serialize) -> Result<Map<String, Value>, Error> {
    match to_json("the row", row)? {
        Value::Object(row) if !row.is_empty() => Ok(row),
        Value::Object(_) => Err(Error::incomplete("the row has no columns")),
        _ => Err(Error::incomplete("a row must be a struct or a map")),
    }
}

/// Settings of one call, on every kind of request.
macro_rules! call_options {
    ($type:ty $(, $generic:ident)?) => {
        impl$(<$generic>)? $type {
            /// How long this call may take with all its repetitions, instead of the client's timeout.
            pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
                self.draft.options.timeout = Some(timeout);
                self
            }

            /// The id by which the gateway's log knows this call; without it, one is made.
            pub fn request_id(mut self, id: impl AsRef<str>) -> Self {
                self.draft.options.request_id = self.draft.header("request_id", id.as_ref());
                self
            }
        }
    };
}

/// For requests that change something.
macro_rules! write_options {
    ($type:ty $(, $generic:ident)?) => {
        impl$(<$generic>)? $type {
            /// The gateway carries out one request per key, so this call may be repeated when it
            /// meets a passing failure. Without a key it is sent once and never again.
            pub fn idempotency_key(mut self, key: impl AsRef<str>) -> Self {
                self.draft.options.idempotency_key =
                    self.draft.header("idempotency_key", key.as_ref());
                self
            }
        }
    };
}

pub(crate) use {call_options, write_options};
