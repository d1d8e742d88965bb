//! What the database refused, as an HTTP answer.

use super::{RestProblem, raised};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

/// An error of the database's own, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the database refused: {sqlstate} {message}")]
pub struct DatabaseError {
    pub sqlstate: String,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// Whether the request ran as somebody: a missing privilege is then not a missing token.
    pub is_authenticated: bool,
}

impl DatabaseError {
    pub fn problem(&self) -> RestProblem {
        if self.sqlstate == "PGRST" {
            return raised::problem(self.message.as_str(), self.detail.as_deref());
        }
        let status = self.status();
        let mut headers = Vec::new();
        if status == StatusCode::UNAUTHORIZED {
            headers.push((
                HeaderName::from_static("www-authenticate"),
                HeaderValue::from_static("Bearer"),
            ));
        }
        RestProblem {
            status,
            code: self.sqlstate.clone(),
            message: self.message.clone(),
            details: self.detail.clone().map(Value::String),
            hint: self.hint.clone(),
            headers,
        }
    }

    fn status(&self) -> StatusCode {
        let code = self.sqlstate.as_str();
        if let Some(asked) = code.strip_prefix("PT") {
            return asked
                .parse()
                .ok()
                .and_then(|status| StatusCode::from_u16(status).ok())
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        }
        let status = match code {
            "23503" | "23505" => 409,
            "25006" => 405,
            "21000" => {
                // Deletes and updates without a filter, as the extension safeupdate refuses them.
                if self.message.ends_with("requires a WHERE clause") { 400 } else { 500 }
            }
            "22023" => {
                // The role of a token is unknown: the token is to blame.
                if self.message.starts_with("role \"")
                    && self.message.ends_with("\" does not exist")
                {
                    401
                } else {
                    400
                }
            }
            "42883" => {
                if self.message.starts_with("function xmlagg(") {
                    406
                } else {
                    404
                }
            }
            "42P01" => 404,
            "42P17" => 500,
            "42501" => {
                if self.is_authenticated {
                    403
                } else {
                    401
                }
            }
            "P0001" => 400,
            "53400" => 500,
            "57P01" => 503,
            _ => match code.get(..2) {
                Some("08" | "53") => 503,
                Some("28" | "0L" | "0P") => 403,
                Some(
                    "09" | "25" | "2D" | "38" | "39" | "3B" | "40" | "54" | "55" | "57" | "58",
                ) => 500,
                Some("F0" | "HV" | "P0" | "XX") => 500,
                _ => 400,
            },
        };
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
