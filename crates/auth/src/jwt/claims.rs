//! What stands in a token.

use super::{ClaimError, RoleClaim};
use serde_json::{Map, Value};
use std::time::{SystemTime, UNIX_EPOCH};

/// Clocks differ, so a token counts this much longer, and this much earlier.
const SKEW: i64 = 30;

/// The claims of a token whose signature counts, and the role among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    claims: Map<String, Value>,
    role: Option<String>,
}

impl Claims {
    pub(super) fn parse(payload: &[u8]) -> Result<Self, ClaimError> {
        let claims = serde_json::from_slice(payload).map_err(|_| ClaimError::Unreadable)?;
        Ok(Self { claims, role: None })
    }

    /// Of somebody without a token.
    pub fn none() -> Self {
        Self { claims: Map::new(), role: None }
    }

    pub fn role(&self) -> Option<&str> {
        self.role.as_deref()
    }

    /// As SQL reads them, with the role that holds.
    pub fn to_json(&self, role: Option<&str>) -> String {
        let mut claims = self.claims.clone();
        if let Some(role) = role {
            claims.insert("role".to_owned(), role.into());
        }
        Value::Object(claims).to_string()
    }

    pub(super) fn with_role(mut self, path: &RoleClaim) -> Self {
        self.role = path.find(&self.claims);
        self
    }

    pub(super) fn check(&self, now: SystemTime, audience: Option<&str>) -> Result<(), ClaimError> {
        let now = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        if self.time("exp")?.is_some_and(|end| now - SKEW > end) {
            return Err(ClaimError::Expired);
        }
        if self.time("nbf")?.is_some_and(|start| now + SKEW < start) {
            return Err(ClaimError::NotYetValid);
        }
        if self.time("iat")?.is_some_and(|issued| now + SKEW < issued) {
            return Err(ClaimError::IssuedInFuture);
        }
        match self.is_for(audience)? {
            true => Ok(()),
            false => Err(ClaimError::NotInAudience),
        }
    }

    fn time(&self, name: &'static str) -> Result<Option<i64>, ClaimError> {
        match self.claims.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number.as_i64().unwrap_or_else(|| {
                // No whole number, or none that a clock shows: an end has passed with it, and a
                // beginning is the next whole second.
                let ceiling = number.as_f64().map_or(f64::MAX, f64::ceil);
                if name == "exp" { 0 } else { ceiling as i64 }
            }))),
            Some(_) => Err(ClaimError::NotANumber(name)),
        }
    }

    fn is_for(&self, audience: Option<&str>) -> Result<bool, ClaimError> {
        let fits = |found: &str| audience.is_none_or(|wanted| wanted == found);
        match self.claims.get("aud") {
            None | Some(Value::Null) => Ok(true),
            Some(Value::String(found)) => Ok(fits(found)),
            Some(Value::Array(found)) => {
                let texts: Option<Vec<&str>> = found.iter().map(Value::as_str).collect();
                let texts = texts.ok_or(ClaimError::OddAudience)?;
                Ok(texts.is_empty() || texts.into_iter().any(fits))
            }
            Some(_) => Err(ClaimError::OddAudience),
        }
    }
}
