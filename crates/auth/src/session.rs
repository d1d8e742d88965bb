//! Tokens of sessions and one-time links: made here, given to a browser, kept as a digest.

use crate::random;
use sha2::{Digest, Sha256};

/// 256 bits that nobody can guess. It cannot be printed by accident.
pub struct SessionToken(String);

/// What is stored of a token. It opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionTokenHash(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token is sixty-four hexadecimal digits")]
pub struct TokenParseError;

impl SessionToken {
    pub fn generate() -> Self {
        Self(hex::encode(random::<32>()))
    }

    pub fn parse(text: &str) -> Result<Self, TokenParseError> {
        let is_hex =
            text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if is_hex { Ok(Self(text.to_owned())) } else { Err(TokenParseError) }
    }

    /// The token's text, for the cookie or the link.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn hash(&self) -> SessionTokenHash {
        SessionTokenHash(hex::encode(Sha256::digest(&self.0)))
    }
}

impl SessionTokenHash {
    /// For the column. Looking it up by equality tells nothing: nobody can choose a digest.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_its_hash_is_not_it() {
        let token = SessionToken::generate();
        let again = SessionToken::parse(token.reveal()).ok().unwrap();
        assert_eq!(token.hash(), again.hash());
        assert_ne!(token.hash().as_str(), token.reveal());
        assert_ne!(token.hash(), SessionToken::generate().hash());
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in ["", "abc", &"g".repeat(64), &"A".repeat(64), &"a".repeat(65)] {
            assert!(SessionToken::parse(text).is_err(), "{text}");
        }
    }
}
