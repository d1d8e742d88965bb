//! The two ids of a request: the caller's own, and the one our log goes by.

use crate::observe::Door;
use api_types::ClientName;
use std::{
    fmt,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// Names a request for the caller; theirs when they sent a proper one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The longest id that is echoed.
    pub const MAX_BYTES: usize = 128;

    /// The caller's id when it is 1 to 128 of `[A-Za-z0-9._-]`.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=Self::MAX_BYTES).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        fits.then(|| Self(Arc::from(text)))
    }

    pub fn random() -> Self {
        // It begins with the time, so that a log's index grows at its end.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &rand::random()).into_uuid();
        Self(Arc::from(&*id.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer())))
    }

    /// The text without a copy.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Sixteen random hex digits: short enough to read out, long enough not to meet twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceId(Arc<str>);

impl TraceId {
    pub fn random() -> Self {
        let mut text = [0; 16];
        let written = hex::encode_to_slice(rand::random::<[u8; 8]>(), &mut text);
        debug_assert!(written.is_ok(), "sixteen digits are eight bytes");
        Self(Arc::from(String::from_utf8_lossy(&text)))
    }

    /// The text without a copy.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Both ids of one request, and the door it came through.
#[derive(Debug, Clone)]
pub struct Trace {
    pub request_id: RequestId,
    pub trace_id: TraceId,
    /// Nothing for what was asked in process.
    pub(crate) door: Option<Arc<Door>>,
}

impl Trace {
    /// With the caller's request id when there is a proper one.
    pub fn for_request(theirs: Option<RequestId>) -> Self {
        let request_id = theirs.unwrap_or_else(RequestId::random);
        Self { request_id, trace_id: TraceId::random(), door: None }
    }

    /// The registered client it turned out to be for, where that was noted.
    pub fn noted_client(&self) -> Option<&ClientName> {
        self.door.as_ref()?.noted()?.client.as_ref()
    }

    /// The same, for a request whose end is written down.
    #[must_use]
    pub fn through(self, door: Arc<Door>) -> Self {
        Self { door: Some(door), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_harmless_request_id_is_echoed() {
        for text in ["a", "A-b_c.9", &"x".repeat(128)] {
            assert_eq!(RequestId::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "a b", "a\r\nSet-Cookie: x", "é", "a/b", &"x".repeat(129)] {
            assert_eq!(RequestId::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_trace_id_has_sixteen_hex_digits() {
        let trace = TraceId::random();
        assert_eq!(trace.as_str().len(), 16);
        assert!(trace.as_str().bytes().all(|b| b.is_ascii_hexdigit()));
        assert_ne!(trace, TraceId::random());
    }
}
