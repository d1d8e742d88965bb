//! `RAISE SQLSTATE 'PGRST'`: SQL says the whole answer itself, as JSON in message and detail.

use super::RestProblem;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};

pub(super) fn problem(message: &str, detail: Option<&str>) -> RestProblem {
    let Some((code, text, details, hint)) = said(message) else {
        return unreadable(
            format!("Invalid JSON value for MESSAGE: '{message}'"),
            "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.",
        );
    };
    let Some(detail) = detail else {
        return unreadable(
            "DETAIL is missing in the RAISE statement".to_owned(),
            "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'.",
        );
    };
    let Some((status, headers)) = how(detail) else {
        return unreadable(
            format!("Invalid JSON value for DETAIL: '{detail}'"),
            "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'.",
        );
    };
    RestProblem { status, code, message: text, details, hint, headers }
}

fn said(message: &str) -> Option<(String, String, Option<Value>, Option<String>)> {
    let members: Map<String, Value> = serde_json::from_str(message).ok()?;
    let text = |key: &str| match members.get(key) {
        None | Some(Value::Null) => Some(None),
        Some(Value::String(text)) => Some(Some(text.clone())),
        Some(_) => None,
    };
    Some((text("code")??, text("message")??, text("details")?.map(Value::String), text("hint")?))
}

fn how(detail: &str) -> Option<(StatusCode, Vec<(HeaderName, HeaderValue)>)> {
    let members: Map<String, Value> = serde_json::from_str(detail).ok()?;
    let status = u16::try_from(members.get("status")?.as_u64()?).ok()?;
    let headers = members.get("headers")?.as_object()?.iter().map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value.as_str()?).ok()?))
    });
    Some((StatusCode::from_u16(status).ok()?, headers.collect::<Option<_>>()?))
}

fn unreadable(details: String, hint: &str) -> RestProblem {
    RestProblem {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        code: "PGRST121".to_owned(),
        message: "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error".to_owned(),
        details: Some(Value::String(details)),
        hint: Some(hint.to_owned()),
        headers: Vec::new(),
    }
}
