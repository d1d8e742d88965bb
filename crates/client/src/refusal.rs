//! Reading what the gateway, or something in front of it, said instead of doing the work.

use crate::{Error, Refusal, answer::Head, transport::body};
use reqwest::{Response, StatusCode, header::HeaderMap};
use serde_json::{Map, Value};
use std::time::{Duration, SystemTime};

/// More than this is not an explanation any more.
const LARGEST: usize = 1 << 20;

pub(crate) async fn read(response: Response, head: Head) -> Error {
    let retry_after = retry_after(response.headers(), SystemTime::now());
    // An explanation that cannot be read changes nothing about the refusal.
    let said = body(response, LARGEST).await.unwrap_or_default();
    let said = serde_json::from_slice(&said).unwrap_or_default();
    Error::Refused(Box::new(from_said(said, head, retry_after)))
}

/// The gateway's error envelope; its members may be missing or of another kind.
pub(crate) fn from_said(
    mut said: Map<String, Value>,
    head: Head,
    retry_after: Option<Duration>,
) -> Refusal {
    let status = head.status;
    Refusal {
        status,
        code: text(&said, "code").unwrap_or_else(|| format!("http_{status}")),
        message: message(&said).unwrap_or_else(|| reason(status)),
        hint: text(&said, "hint"),
        trace_id: text(&said, "trace_id"),
        request_id: text(&said, "request_id").unwrap_or(head.request_id),
        details: match said.remove("details") {
            Some(Value::Object(details)) => details,
            _ => Map::new(),
        },
        retry_after,
    }
}

fn message(said: &Map<String, Value>) -> Option<String> {
    let nested = said.get("error").and_then(Value::as_object);
    nested
        .and_then(|error| text(error, "message"))
        .or_else(|| text(said, "message"))
        .or_else(|| text(said, "error"))
        .or_else(|| text(said, "details"))
}

fn text(said: &Map<String, Value>, key: &str) -> Option<String> {
    let text = said.get(key)?.as_str()?;
    (!text.trim().is_empty()).then(|| text.to_owned())
}

fn reason(status: u16) -> String {
    let known = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    known.unwrap_or("The request was refused without a word").to_owned()
}

/// Seconds, or a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let asked = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(asked).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn head(status: u16) -> Head {
        Head { status, request_id: "r1".to_owned(), is_cached: None }
    }

    fn refusal(status: u16, said: Value) -> Refusal {
        let Value::Object(said) = said else { panic!("an object") };
        from_said(said, head(status), None)
    }

    #[test]
    fn every_older_way_of_saying_no_has_a_message() {
        for (said, message) in [
            (json!({ "message": "a", "error": "b" }), "a"),
            (json!({ "message": " ", "error": "b" }), "b"),
            (json!({ "error": { "message": "c" }, "message": "a" }), "c"),
            (json!({ "details": "d" }), "d"),
            (json!({ "message": 7, "code": [] }), "Bad Gateway"),
        ] {
            let refusal = refusal(502, said);
            assert_eq!((refusal.message.as_str(), refusal.code.as_str()), (message, "http_502"));
        }
        assert_eq!(refusal(599, json!({})).message, "The request was refused without a word");
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        for (value, wanted) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
        ] {
            let headers = [("retry-after", value)];
            let headers = headers.map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap()));
            let found = retry_after(&HeaderMap::from_iter(headers), now);
            assert_eq!(found, wanted.map(Duration::from_secs), "{value}");
        }
    }
}
