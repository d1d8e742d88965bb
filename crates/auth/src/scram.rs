//! What PostgreSQL keeps of a password, made here so that the password itself is in no statement.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{hmac, pbkdf2};
use sha2::{Digest, Sha256};
use std::num::NonZeroU32;

const ROUNDS: NonZeroU32 = NonZeroU32::new(4096).expect("4096 is not zero");

/// The verifier of a password in ASCII, as `CREATE ROLE … PASSWORD` takes it (RFC 5802).
pub fn scram_verifier(password: &str) -> String {
    verifier(password, &crate::random::<16>())
}

/// A password that nobody can guess.
pub fn new_password() -> String {
    hex::encode(crate::random::<24>())
}

fn verifier(password: &str, salt: &[u8]) -> String {
    let mut salted = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, salt, password.as_bytes(), &mut salted);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &salted);
    let stored = Sha256::digest(hmac::sign(&key, b"Client Key"));
    let server = hmac::sign(&key, b"Server Key");
    let [salt, stored, server] = [salt, &stored, server.as_ref()].map(|part| STANDARD.encode(part));
    format!("SCRAM-SHA-256${ROUNDS}:{salt}${stored}:{server}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verifier_is_the_one_of_the_rfc() {
        // RFC 7677's example: the server's signature key follows from these.
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let made = verifier("pencil", &salt);
        assert_eq!(
            made,
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        );
        assert_ne!(scram_verifier("pencil"), scram_verifier("pencil"));
    }
}
