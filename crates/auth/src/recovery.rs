//! Recovery codes: each lets somebody in once who has lost their authenticator app.

use crate::random;
use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Eighty bits in sixteen letters. It cannot be printed by accident.
pub struct RecoveryCode(Zeroizing<String>);

const BYTES: usize = 10;
const LETTERS: usize = 16;
/// With a hyphen between groups of four.
const GROUP: usize = 4;

impl RecoveryCode {
    pub const AT_ONCE: usize = 10;

    pub fn generate() -> Self {
        Self(Zeroizing::new(BASE32_NOPAD.encode(&random::<BYTES>()).to_lowercase()))
    }

    /// As somebody typed it: case, gaps and hyphens do not matter.
    pub fn parse(text: &str) -> Option<Self> {
        let typed = text.chars().filter(|letter| !matches!(letter, ' ' | '-'));
        let letters: Zeroizing<String> = Zeroizing::new(
            typed.take(LETTERS + 1).map(|letter| letter.to_ascii_lowercase()).collect(),
        );
        let is_one = letters.len() == LETTERS
            && letters.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
        is_one.then_some(Self(letters))
    }

    /// In groups of four, for whoever writes it down.
    pub fn reveal(&self) -> String {
        let groups: Vec<&str> =
            (0..LETTERS).step_by(GROUP).map(|at| &self.0[at..at + GROUP]).collect();
        groups.join("-")
    }

    /// For the column: nobody guesses eighty bits, so a quick hash is enough. Bound to its person.
    pub fn hash(&self, person: &str) -> String {
        let mut digest = Sha256::new();
        digest.update(person.as_bytes());
        digest.update([0]);
        digest.update(self.0.as_bytes());
        hex::encode(digest.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed_and_its_hash_is_its_persons() {
        let code = RecoveryCode::generate();
        let shown = code.reveal();
        assert_eq!(shown.len(), 19);
        for typed in [shown.clone(), shown.to_uppercase(), shown.replace('-', " ")] {
            assert_eq!(RecoveryCode::parse(&typed).unwrap().hash("ann"), code.hash("ann"));
        }
        assert_ne!(code.hash("ann"), code.hash("bob"));
        assert_ne!(code.hash("ann"), RecoveryCode::generate().hash("ann"));
        assert!(!code.hash("ann").contains(shown.as_str()));
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in
            ["", "123456", "aaaa-bbbb-cccc", "aaaa-bbbb-cccc-ddd1", &"a".repeat(17), "ääääääää"]
        {
            assert!(RecoveryCode::parse(text).is_none(), "{text}");
        }
    }
}
