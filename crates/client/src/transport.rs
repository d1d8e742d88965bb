//! From a draft to an answer: headers, time, repetition.

use crate::{
    Athena, Error,
    answer::{Answer, Head},
    draft::Draft,
    refusal,
    stream::Lines,
};
use bytes::{Bytes, BytesMut};
use reqwest::{RequestBuilder, Response, header::HeaderValue};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// So that adding a timeout to the present never overflows.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");

/// What a caller wants to have of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Whole,
    Deferral,
    Stream,
}

/// An answer that was not a refusal.
enum Delivery {
    Whole(Answer),
    Open(Box<Response>),
}

/// What all attempts of one call share.
struct Call<'a> {
    draft: &'a Draft,
    wanted: Wanted,
    request_id: HeaderValue,
    body: Option<Bytes>,
    timeout: Duration,
    deadline: Instant,
}

impl Athena {
    /// The whole answer, or that it will come later.
    pub(crate) async fn whole(&self, draft: &Draft, is_deferral: bool) -> Result<Answer, Error> {
        let wanted = if is_deferral { Wanted::Deferral } else { Wanted::Whole };
        match self.call(draft, wanted).await? {
            Delivery::Whole(answer) => Ok(answer),
            Delivery::Open(_) => unreachable!("only a stream is left open"),
        }
    }

    /// An answer that is read line by line.
    pub(crate) async fn open(&self, draft: &Draft) -> Result<Lines, Error> {
        match self.call(draft, Wanted::Stream).await? {
            Delivery::Open(response) => {
                Lines::of(*response, self.inner.max_line, self.timeout(draft))
            }
            Delivery::Whole(_) => unreachable!("a stream is always left open"),
        }
    }

    fn timeout(&self, draft: &Draft) -> Duration {
        draft.options.timeout.unwrap_or(self.inner.timeout).min(LONGEST_TIMEOUT)
    }

    async fn call(&self, draft: &Draft, wanted: Wanted) -> Result<Delivery, Error> {
        let timeout = self.timeout(draft);
        let call = Call {
            draft,
            wanted,
            request_id: draft.options.request_id.clone().unwrap_or_else(new_request_id),
            body: draft.body.as_ref().map(to_bytes).transpose()?,
            timeout,
            deadline: Instant::now() + timeout,
        };
        match timeout_at(call.deadline, self.attempts(&call)).await {
            Ok(delivered) => delivered,
            Err(_elapsed) => Err(call.timed_out()),
        }
    }

    async fn attempts(&self, call: &Call<'_>) -> Result<Delivery, Error> {
        let mut made = 0;
        loop {
            let error = match self.attempt(call).await {
                Ok(delivery) => return Ok(delivery),
                Err(error) => error,
            };
            made += 1;
            let pause = self.inner.retry.pause(call.draft, &error, made);
            // An answer now is worth more than a timeout later.
            match pause {
                Some(pause) if call.has_time_for(pause) => sleep(pause).await,
                _ => return Err(error),
            }
        }
    }

    async fn attempt(&self, call: &Call<'_>) -> Result<Delivery, Error> {
        let sent = self.compose(call).send().await;
        let response = sent.map_err(|source| call.unreached(source))?;
        let head = Head::of(&response, &call.request_id);
        if !response.status().is_success() {
            return Err(refusal::read(response, head).await);
        }
        if call.wanted == Wanted::Stream && head.status != 202 {
            return Ok(Delivery::Open(Box::new(response)));
        }
        let body = body(response, self.inner.max_answer).await?;
        let answer = Answer::new(head, body);
        match answer.queued_id() {
            Some(id) if call.wanted == Wanted::Stream => Err(Error::Queued { id }),
            None if call.wanted == Wanted::Stream => Err(answer.unreadable("it is not a stream")),
            _ => Ok(Delivery::Whole(answer)),
        }
    }

    fn compose(&self, call: &Call<'_>) -> RequestBuilder {
        let draft = call.draft;
        let url = format!("{}{}", self.inner.base, draft.path);
        let mut request = self.inner.http.request(draft.method.clone(), url);
        request = request.header("x-request-id", call.request_id.clone());
        request =
            request.header("accept", if call.wanted == Wanted::Stream { NDJSON } else { JSON });
        if let Some(key) = &self.inner.key {
            request = request.header("x-athena-key", key.header());
        }
        if let Some(client) = &self.client {
            request = request.header("x-athena-client", client.clone());
        }
        if let Some(key) = &draft.options.idempotency_key {
            request = request.header("idempotency-key", key.clone());
        }
        if draft.options.skips_cache {
            request = request.header("cache-control", "no-cache");
        }
        if let Some(window) = draft.options.insert_window {
            request = request.header("x-athena-insert-window", window.as_millis().to_string());
        }
        if call.wanted == Wanted::Deferral {
            request = request.header("x-athena-defer", "true");
        }
        if let Some(body) = &call.body {
            request = request.header("content-type", JSON).body(body.clone());
        }
        request
    }
}

impl Call<'_> {
    fn has_time_for(&self, pause: Duration) -> bool {
        pause < self.deadline.saturating_duration_since(Instant::now())
    }

    fn id(&self) -> String {
        String::from_utf8_lossy(self.request_id.as_bytes()).into_owned()
    }

    fn timed_out(&self) -> Error {
        Error::TimedOut { after: self.timeout, request_id: self.id() }
    }

    fn unreached(&self, source: reqwest::Error) -> Error {
        if source.is_builder() {
            return Error::incomplete(format!("the address cannot be used: {source}"));
        }
        if source.is_timeout() && !source.is_connect() {
            return self.timed_out();
        }
        Error::Connection { request_id: self.id(), source }
    }
}

/// A body, read to its end but never past the limit.
pub(crate) async fn body(mut response: Response, limit: usize) -> Result<Bytes, Error> {
    let too_large = || Error::TooLarge { what: "answer", limit };
    let announced = response.content_length().unwrap_or(0);
    if usize::try_from(announced).map_or(true, |announced| announced > limit) {
        return Err(too_large());
    }
    let mut whole = BytesMut::new();
    loop {
        let chunk = response.chunk().await;
        match chunk.map_err(|source| Error::Truncated { source: Some(source) })? {
            None => return Ok(whole.freeze()),
            Some(chunk) if whole.len() + chunk.len() > limit => return Err(too_large()),
            Some(chunk) => whole.extend_from_slice(&chunk),
        }
    }
}

fn to_bytes(body: &serde_json::Map<String, serde_json::Value>) -> Result<Bytes, Error> {
    let written = serde_json::to_vec(body);
    written
        .map(Bytes::from)
        .map_err(|source| Error::NotJson { what: "the request".to_owned(), source })
}

fn new_request_id() -> HeaderValue {
    let id = format!("{:032x}", rand::random::<u128>());
    HeaderValue::from_str(&id).expect("hexadecimal digits may stand in a header")
}
