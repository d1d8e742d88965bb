//! Passwords of people: argon2id, slow on purpose. Call these off the async threads.

use crate::random;
use argon2::{
    Argon2,
    password_hash::{PasswordHash as Phc, PasswordHasher, PasswordVerifier, SaltString},
};

/// A password as it is stored, with its parameters and salt in it. Not printed: it can be guessed at.
#[derive(Clone)]
pub struct PasswordHash(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("a password has at least {} characters", PasswordHash::MIN_CHARS)]
    TooShort,
    #[error("a password has at most {} bytes", PasswordHash::MAX_BYTES)]
    TooLong,
    #[error("the password could not be hashed")]
    Hashing,
}

impl PasswordHash {
    pub const MIN_CHARS: usize = 8;
    pub const MAX_BYTES: usize = 1024;

    /// As it stood in its column.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// For the column.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hash of no password, so that an unknown e-mail address takes as long as a known one.
    pub fn decoy() -> Self {
        const SALT: &str = "QUJDREVGR0hJSktMTU5PUA";
        const DIGEST: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        Self(format!("$argon2id$v=19$m=19456,t=2,p=1${SALT}${DIGEST}"))
    }
}

pub fn hash_password(password: &str) -> Result<PasswordHash, PasswordError> {
    if password.chars().count() < PasswordHash::MIN_CHARS {
        return Err(PasswordError::TooShort);
    }
    if password.len() > PasswordHash::MAX_BYTES {
        return Err(PasswordError::TooLong);
    }
    let salt = SaltString::encode_b64(&random::<16>()).map_err(|_salt| PasswordError::Hashing)?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    Ok(PasswordHash(hash.map_err(|_hash| PasswordError::Hashing)?.to_string()))
}

/// Whether this is the password; a stored text that is no hash verifies nothing.
pub fn verify_password(password: &str, stored: &PasswordHash) -> bool {
    if password.len() > PasswordHash::MAX_BYTES {
        return false;
    }
    Phc::new(&stored.0)
        .is_ok_and(|stored| Argon2::default().verify_password(password.as_bytes(), &stored).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_verifies_and_another_does_not() {
        let stored = hash_password("correct horse").ok().unwrap();
        assert!(stored.as_str().starts_with("$argon2id$"));
        assert!(verify_password("correct horse", &stored));
        assert!(!verify_password("correct horsf", &stored));
        assert!(!verify_password("correct horse", &PasswordHash::from_stored("plain".into())));
    }

    #[test]
    fn the_decoy_costs_as_much_as_a_real_hash_and_opens_nothing() {
        let decoy = PasswordHash::decoy();
        let real = hash_password("correct horse").ok().unwrap();
        let parameters = |hash: &PasswordHash| {
            hash.as_str().split('$').skip(1).take(3).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(parameters(&decoy), parameters(&real));
        assert!(Phc::new(decoy.as_str()).is_ok());
        assert!(!verify_password("", &decoy));
    }

    #[test]
    fn a_password_too_short_or_endless_is_refused() {
        assert_eq!(hash_password("1234567").err(), Some(PasswordError::TooShort));
        assert_eq!(hash_password(&"x".repeat(1025)).err(), Some(PasswordError::TooLong));
    }
}
