//! What keeps a request of this surface from its answer, in the shape of PostgREST's errors.

use super::RestAnswer;
use crate::error::GatewayError;
use api_types::Problem;
use auth::{PermitError, jwt::JwtError};
use backend::BackendError;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use postgrest::RestError;
use serde_json::{Value, json};

#[derive(Debug, thiserror::Error)]
pub enum RestRefusal {
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error(transparent)]
    Jwt(#[from] JwtError),
    /// In PostgREST's own words.
    #[error(transparent)]
    Rest(#[from] RestError),
}

impl From<PermitError> for RestRefusal {
    fn from(error: PermitError) -> Self {
        GatewayError::Permit(error).into()
    }
}

impl RestRefusal {
    pub fn answer(&self) -> RestAnswer {
        match self {
            Self::Gateway(error) => gateway(error),
            Self::Jwt(error) => jwt(error),
            Self::Rest(error) => rest(error),
        }
    }

    /// Nothing was written, or all of it was rolled back.
    pub fn surely_changed_nothing(&self) -> bool {
        match self {
            Self::Gateway(error) => error.surely_changed_nothing(),
            Self::Jwt(_) | Self::Rest(_) => true,
        }
    }
}

fn rest(error: &RestError) -> RestAnswer {
    let problem = error.problem();
    let body = problem.body();
    let mut headers = HeaderMap::new();
    for (name, value) in problem.headers {
        headers.append(name, value);
    }
    RestAnswer {
        status: problem.status.as_u16(),
        headers: with_code(headers, &problem.code),
        body,
        code: Some(problem.code),
    }
}

/// Where PostgREST has a code of its own for what happened, that one is used.
fn gateway(error: &GatewayError) -> RestAnswer {
    let problem = error.problem();
    let (status, code, message) = match error {
        GatewayError::Backend { source: BackendError::Unreachable { .. }, .. } => {
            (503, "PGRST000", "Database connection error. Retrying the connection.")
        }
        GatewayError::Unavailable { .. } => {
            (503, "PGRST002", "Could not query the database for the schema cache. Retrying.")
        }
        GatewayError::Backend { source: BackendError::PoolTimeout, .. } => {
            (504, "PGRST003", "Timed out acquiring connection from connection pool.")
        }
        _ => (problem.status, problem.code.as_str(), problem.message.as_str()),
    };
    let details = match problem.details.is_empty() {
        true => Value::Null,
        false => Value::Object(problem.details.clone()).to_string().into(),
    };
    let mut body = json!({
        "code": code, "message": message, "details": details, "hint": problem.hint,
    });
    // While nobody knows which client is meant, nobody knows how it answers: the older way looks here.
    if let GatewayError::MissingClient | GatewayError::UnknownClient { .. } = error {
        body["error"] = error.error_text().unwrap_or_else(|| message.to_owned()).into();
    }
    let mut headers = HeaderMap::new();
    if status == 503 {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait(&problem)));
    }
    answer(status, headers, code, &body)
}

fn wait(problem: &Problem) -> u64 {
    problem.details.get("until_secs").and_then(Value::as_u64).unwrap_or(1)
}

fn jwt(error: &JwtError) -> RestAnswer {
    let body = json!({
        "code": error.code(), "message": error.to_string(), "details": error.details(), "hint": null,
    });
    let mut headers = HeaderMap::new();
    if let Some(challenge) = error.challenge().and_then(|text| HeaderValue::try_from(text).ok()) {
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    answer(error.status(), headers, error.code(), &body)
}

fn answer(status: u16, headers: HeaderMap, code: &str, body: &Value) -> RestAnswer {
    RestAnswer {
        status,
        headers: with_code(headers, code),
        body: Bytes::from(body.to_string()),
        code: Some(code.to_owned()),
    }
}

fn with_code(mut headers: HeaderMap, code: &str) -> HeaderMap {
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    headers.entry(header::CONTENT_TYPE).or_insert(json);
    if let Ok(status) = HeaderValue::try_from(format!("PostgREST; error={code}")) {
        headers.insert("proxy-status", status);
    }
    headers
}
