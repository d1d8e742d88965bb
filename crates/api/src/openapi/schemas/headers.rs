//! What headers may hold. A blank one counts as not sent.

use super::pattern;
use utoipa::openapi::{RefOr, Schema};

/// A header of these words, in any case; a blank one counts as not sent.
pub(in crate::openapi) fn header_words(words: &[&str]) -> RefOr<Schema> {
    let any_case = |word: &&str| -> String {
        let both = |c: char| match c {
            c if c.is_ascii_alphabetic() => {
                format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase())
            }
            c => c.to_string(),
        };
        word.chars().map(both).collect()
    };
    let words: Vec<String> = words.iter().map(any_case).collect();
    pattern(&format!("^( *|{})$", words.join("|")))
}

pub(in crate::openapi) fn switch() -> RefOr<Schema> {
    header_words(&["true", "false", "1", "0", "yes", "no", "on", "off"])
}

/// Milliseconds; what is too little or too much counts as the nearest that is possible.
pub(in crate::openapi) fn window() -> RefOr<Schema> {
    pattern("^( *|-?[0-9]+)$")
}

pub(in crate::openapi) fn write_key() -> RefOr<Schema> {
    pattern("^[!-~]{0,255}$")
}
