//! Tokens that name a role of the database: whose signature counts, and what may stand in them.
//!
//! Signatures are checked by `ring`, which is in the program for TLS anyway.

mod claims;
mod error;
mod keys;
mod role_claim;
#[cfg(test)]
mod tests;

pub use claims::Claims;
pub use error::{ClaimError, JwtError, JwtSetupError};
pub use role_claim::RoleClaim;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, header::AUTHORIZATION};
use keys::Keys;
use serde::Deserialize;
use std::time::SystemTime;

/// Checks tokens with the keys of one client.
#[derive(Clone)]
pub struct JwtVerifier {
    keys: Keys,
    /// A token for others is refused; any is fine when there is none.
    audience: Option<String>,
    role_claim: RoleClaim,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
}

impl JwtVerifier {
    /// A secret as text, a JWK, or a set of them.
    pub fn new(
        secret: &str,
        is_base64: bool,
        audience: Option<String>,
        role_claim: RoleClaim,
    ) -> Result<Self, JwtSetupError> {
        Ok(Self { keys: Keys::parse(secret, is_base64)?, audience, role_claim })
    }

    /// The claims of a token that counts now.
    pub fn verify(&self, token: &str, now: SystemTime) -> Result<Claims, JwtError> {
        if token.is_empty() {
            return Err(JwtError::Empty);
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [header, payload, signature] = parts.as_slice() else {
            return Err(JwtError::Parts(parts.len()));
        };
        let told: Header =
            serde_json::from_slice(&decoded(header)?).map_err(|_| JwtError::Undecodable)?;
        let signed = &token.as_bytes()[..header.len() + 1 + payload.len()];
        self.keys.check(&told.alg, told.kid.as_deref(), signed, &decoded(signature)?)?;
        let claims = Claims::parse(&decoded(payload)?)?;
        claims.check(now, self.audience.as_deref())?;
        Ok(claims.with_role(&self.role_claim))
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, JwtError> {
    URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).map_err(|_| JwtError::Undecodable)
}

/// What stands behind `Bearer` in the header, though it be nothing.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether a text is a token by its form, and not one of our keys.
pub fn looks_like_jwt(text: &str) -> bool {
    let fits = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte))
    };
    let mut parts = text.split('.');
    let three = [parts.next(), parts.next(), parts.next()];
    parts.next().is_none()
        && three[0].is_some_and(|header| header.starts_with("eyJ"))
        && three.into_iter().all(|part| part.is_some_and(fits))
}
