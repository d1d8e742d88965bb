//! The answers from before PostgREST's contract was spoken here: `{"data": […]}`.

use super::json_answer;
use bytes::{BufMut, Bytes, BytesMut};
use gateway::{Gateway, RestAddress, RestAnswer, RestRequest, RestTarget, RestVisitor};
use http::{HeaderValue, Method, header};
use serde_json::{Value, json};

/// Without a limit of its own a read has so many rows.
const LIMIT: &str = "100";

/// The same work, asked for and answered in the older way.
pub(super) async fn answer(
    gateway: &Gateway,
    visitor: RestVisitor,
    mut request: RestRequest,
    address: &RestAddress,
) -> RestAnswer {
    if let Some((code, refusal)) = refusal(&request) {
        return json_answer(400, code.to_owned(), &json!({"error": refusal}));
    }
    let reads = request.method == Method::GET;
    if reads {
        with_limit(&mut request);
    } else {
        with_rows(&mut request);
    }
    request.headers.remove(header::ACCEPT);
    let offset = offset(&request.query);
    let answer = gateway.serve_rest(visitor, request, address).await;
    match (answer.status, &answer.code) {
        (204, _) => answer,
        (status, None) if status < 300 => wrapped(answer, reads.then_some(offset)),
        _ => failed(answer),
    }
}

/// Rows are changed only where somebody said which.
fn refusal(request: &RestRequest) -> Option<(&'static str, &'static str)> {
    if !matches!(request.target, RestTarget::Relation(_)) {
        return None;
    }
    let has_filters = parameters(&request.query).any(|name| !OTHER.contains(&name));
    match request.method {
        Method::PATCH if !has_filters => {
            Some(("invalid_condition", "filters are required for update"))
        }
        Method::DELETE if !has_filters => {
            Some(("invalid_condition", "filters are required for delete"))
        }
        Method::PATCH if !is_object(&request.body) => {
            Some(("invalid_payload", "patch body must be an object"))
        }
        _ => None,
    }
}

const OTHER: [&str; 6] = ["select", "order", "limit", "offset", "columns", "on_conflict"];

fn parameters(query: &str) -> impl Iterator<Item = &str> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name))
}

fn is_object(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|body| body.is_object())
}

fn with_limit(request: &mut RestRequest) {
    let is_limited = parameters(&request.query).any(|name| name == "limit")
        || request.headers.contains_key(header::RANGE);
    if !is_limited {
        let separator = if request.query.is_empty() { "" } else { "&" };
        request.query.push_str(&format!("{separator}limit={LIMIT}"));
    }
}

/// The rows come back, unless the caller does not want them.
fn with_rows(request: &mut RestRequest) {
    let prefers = request.headers.get_all("prefer").iter();
    let says = prefers.filter_map(|value| value.to_str().ok()).any(|text| text.contains("return="));
    if !says {
        let rows = HeaderValue::from_static("return=representation");
        request.headers.append("prefer", rows);
    }
}

fn offset(query: &str) -> usize {
    let offset = query.split('&').find_map(|pair| pair.strip_prefix("offset="));
    offset.and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn wrapped(mut answer: RestAnswer, offset: Option<usize>) -> RestAnswer {
    let minimal = answer.body.is_empty();
    answer.status = if minimal { 204 } else { 200 };
    if minimal {
        return answer;
    }
    if let Some(offset) = offset {
        let rows = serde_json::from_slice::<Vec<&serde_json::value::RawValue>>(&answer.body);
        let rows = rows.map_or(0, |rows| rows.len());
        let range = match rows {
            0 => "items */*".to_owned(),
            rows => format!("items {offset}-{}/*", offset.saturating_add(rows - 1)),
        };
        if let Ok(range) = HeaderValue::try_from(range) {
            answer.headers.insert(header::CONTENT_RANGE, range);
        }
    }
    let mut body = BytesMut::with_capacity(answer.body.len() + 9);
    body.put_slice(b"{\"data\":");
    body.put_slice(&answer.body);
    body.put_u8(b'}');
    answer.body = body.freeze();
    answer.headers.remove(header::CONTENT_LENGTH);
    answer
}

fn failed(mut answer: RestAnswer) -> RestAnswer {
    let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    let message = body["message"].as_str().unwrap_or("The request failed").to_owned();
    answer.headers.remove(header::CONTENT_LENGTH);
    answer.body = Bytes::from(json!({"error": message}).to_string());
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    #[test]
    fn an_offset_beyond_all_numbers_is_an_odd_range_and_no_panic() {
        let body = Bytes::from_static(b"[{}, {}]");
        let answer = RestAnswer { status: 200, headers: HeaderMap::new(), body, code: None };
        let query = format!("offset={}&offset=0", usize::MAX);
        let answer = wrapped(answer, Some(offset(&query)));
        let range = format!("items {0}-{0}/*", usize::MAX);
        assert_eq!(answer.headers[header::CONTENT_RANGE], range.as_str());
    }
}
